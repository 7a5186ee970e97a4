import type { NextRequest } from 'next/server'
import { auth } from './auth.ts'

export async function proxy(request: NextRequest): Promise<Response | undefined> {
  const redirectTo = request.nextUrl.pathname.startsWith('/guarded/api') ? {} : { redirectTo: '/login' }
  const seen = await auth.check(request, redirectTo)
  return seen.ok ? new Response(`early: ${seen.token.userId}`) : seen.response
}

export const config = { matcher: '/guarded/:path*' }
