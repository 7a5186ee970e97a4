import { login } from '../../../auth.ts'

export const GET = login.route(async (_, { auth }) => {
  const { userId, displayName } = await auth.authenticate()
  return Response.json({ userId, displayName })
})
