import { auth } from '../../../auth.ts'

export const dynamic = 'force-static'

const write = auth.route((_, { auth: current }) => {
  current.session.set('everybody', 1)
  return new Response('written')
})

export const GET: typeof write = (request, context) =>
  write(request, context).catch((error: unknown) => new Response(String(error)))
