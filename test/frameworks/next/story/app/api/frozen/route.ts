import { login } from '../../../auth.ts'

export const dynamic = 'force-static'

const write = login.route((_, { auth }) => {
  auth.session.set('everybody', 1)
  return new Response('written')
})

export const GET: typeof write = (request, context) =>
  write(request, context).catch((error: unknown) => new Response(String(error)))
