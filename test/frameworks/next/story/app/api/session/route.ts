import type { NextRequest } from 'next/server'
import { auth } from '../../../auth.ts'

export const GET = auth.route(async (_, { auth: current }) => Response.json(await current.session.all()))

export const POST = auth.route(async (request: NextRequest, { auth: current }) => {
  current.session.set(request.nextUrl.searchParams.get('key') ?? '', await request.json())
  return Response.json({ ok: true })
})
