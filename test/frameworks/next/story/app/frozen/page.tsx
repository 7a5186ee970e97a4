import { auth } from '../../auth.ts'

export const dynamic = 'force-static'

/** A page that its author has made one for all, and that asks who it is for. */
export default async () => {
  const answer = await auth.current().catch((error: unknown) => String(error))
  return <pre id="answer">{typeof answer === 'string' ? answer : answer.token.displayName}</pre>
}
