import { auth } from '../../../../auth.ts'

export const GET = auth.route<{ id: string }>(async (_, { params }) => {
  const { id } = await params
  return Response.json({ id })
})
