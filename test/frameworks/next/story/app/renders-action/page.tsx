import { auth } from '../../auth.ts'

const visit = auth.action(async (current) => current.session.set('seen', 1))

/** Calls an action as if it were a function, while the page renders. */
export default async () => {
  const answer = await visit().then(
    () => 'saved',
    (error: unknown) =>
      error instanceof Error && 'code' in error ? `${error.name} ${error.code}` : String(error),
  )
  return <pre id="answer">{answer}</pre>
}
