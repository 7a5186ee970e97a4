import type { NextRequest } from 'next/server'
import { login } from '../../../auth.ts'

export const GET = login.route(async (_, { auth }) => Response.json(await auth.session.all()))

export const POST = login.route(async (request: NextRequest, { auth }) => {
  auth.session.set(request.nextUrl.searchParams.get('key') ?? '', await request.json())
  return Response.json({ ok: true })
})
