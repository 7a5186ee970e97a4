import type { Metadata } from 'next'
import { logIn } from '../../actions'

export const metadata: Metadata = { title: 'Log in' }

export default async function Login({ searchParams }: PageProps<'/login'>) {
  const { error, next } = await searchParams
  return (
    <>
      <h1>Log in</h1>
      {error && <p role="alert">That did not work. Try again.</p>}
      <form action={logIn}>
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
