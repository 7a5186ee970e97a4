import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { logOut } from '../../actions'
import { auth } from '../../auth'

export const metadata: Metadata = { title: 'App' }

export default async function App() {
  const { user } = await auth.current()
  if (!user) redirect('/login?next=/app')
  return (
    <>
      <h1>Hello {user.displayName}</h1>
      <form action={logOut}>
        <button type="submit">Log out</button>
      </form>
    </>
  )
}
