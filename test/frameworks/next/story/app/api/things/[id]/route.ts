import { login } from '../../../../auth.ts'

export const GET = login.route<{ id: string }>(async (_, { params }) => {
  const { id } = await params
  return Response.json({ id })
})
