import { auth } from '../../../auth.ts'

export const GET = auth.route(async (_, { auth: current }) => {
  const { userId, displayName } = await current.authenticate()
  return Response.json({ userId, displayName })
})
