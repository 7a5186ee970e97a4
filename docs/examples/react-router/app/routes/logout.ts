import { redirect } from 'react-router'
import { login } from '../auth.server.ts'
import type { Route } from './+types/logout'

export async function action({ context }: Route.ActionArgs) {
  await login.of(context).logout()
  return redirect('/login', 303)
}
