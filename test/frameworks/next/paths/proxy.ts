import { type NextRequest, NextResponse } from 'next/server'

/** The same, as `proxy.ts` does it. */
export function proxy({ nextUrl }: NextRequest): NextResponse {
  const url = nextUrl.clone()
  url.pathname = url.pathname.replace(/^\/fr(?=\/)/, '')
  return url.pathname === nextUrl.pathname ? NextResponse.next() : NextResponse.rewrite(url)
}
