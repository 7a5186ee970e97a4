import { Form, redirect, useSearchParams } from 'react-router'
import { auth } from '../auth.server.ts'
import type { Route } from './+types/login'

export async function action({ request, context }: Route.ActionArgs) {
  const current = auth.of(context)
  const form = await request.formData()
  const outcome = await current.login(form.get('email'), form.get('password'))
  return redirect(
    outcome.ok ? current.safeRedirectPath(form.get('next'), '/app') : `/login?error=${outcome.code}`,
    303,
  )
}

export const meta = () => [{ title: 'Log in' }]

export default function Login() {
  const [search] = useSearchParams()
  return (
    <>
      <h1>Log in</h1>
      {search.has('error') && <p role="alert">That did not work. Try again.</p>}
      <Form method="post">
        <p>
          <label>
            E-mail <input name="email" type="email" autoComplete="username" required />
          </label>
        </p>
        <p>
          <label>
            Password <input name="password" type="password" autoComplete="current-password" required />
          </label>
        </p>
        <input type="hidden" name="next" value={search.get('next') ?? ''} />
        <button type="submit">Log in</button>
      </Form>
    </>
  )
}
