import { createFileRoute } from '@tanstack/react-router'

export const Route = createFileRoute('/login')({
  validateSearch: ({ next, error }: Record<string, unknown>) => ({
    ...(typeof next === 'string' && { next }),
    ...(error !== undefined && { error: String(error) }),
  }),
  head: () => ({ meta: [{ title: 'Log in' }] }),
  server: {
    handlers: {
      async POST({ request, context: { auth } }) {
        const form = await request.formData()
        const outcome = await auth.login(form.get('email'), form.get('password'))
        const location = outcome.ok
          ? auth.safeRedirectPath(form.get('next'), '/app')
          : `/login?error=${outcome.code}`
        return new Response(null, { status: 303, headers: { location } })
      },
    },
  },
  component: Login,
})

function Login() {
  const { next, error } = Route.useSearch()
  return (
    <>
      <h1>Log in</h1>
      {error && <p role="alert">That did not work. Try again.</p>}
      <form method="post">
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
        <input type="hidden" name="next" value={next ?? ''} />
        <button type="submit">Log in</button>
      </form>
    </>
  )
}
