import type { Metadata } from 'next'
import * as actions from '../../actions.ts'
import { auth } from '../../auth.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await auth.current()).user?.displayName ?? 'nobody' }
}

/** Who it is, and a form for each action. */
export default async () => {
  const { user, session } = await auth.current()
  return (
    <>
      <h1>Hello {user?.displayName ?? 'nobody'}</h1>
      <pre>{JSON.stringify(await session.all())}</pre>
      {Object.entries(actions).map(([name, action]) => (
        <form key={name} id={name} action={action as (form: FormData) => Promise<void>}>
          <button type="submit">{name}</button>
        </form>
      ))}
    </>
  )
}
