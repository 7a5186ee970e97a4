import { redirect } from 'react-router'
import { auth } from '../auth.server.ts'
import type { Route } from './+types/logout'

export async function action({ context }: Route.ActionArgs) {
  await auth.of(context).logout()
  return redirect('/login', 303)
}
