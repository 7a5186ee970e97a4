import { logOut } from '../../../actions.ts'
import { auth } from '../../../auth.ts'

/** A route handler that writes, and calls an action that logs out and redirects. */
export const POST = auth.route(async (_, { auth: current }) => {
  current.session.set('outer', 1)
  await logOut()
  return new Response('not reached')
})
