/** What is used of Next, told to the compiler here: Next itself is an optional peer, 340 MB large. */
declare module 'next/headers.js' {
  export function cookies(): Promise<import('./cookie-jar.ts').CookieJar>
  export function headers(): Promise<Headers>
}
