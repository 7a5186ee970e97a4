/** The subset of Next that we call, declared here because Next is an optional peer dependency of 340 MB. */
declare module 'next/headers.js' {
  export function cookies(): Promise<import('./cookie-jar.ts').CookieJar>
  export function headers(): Promise<Headers>
}
