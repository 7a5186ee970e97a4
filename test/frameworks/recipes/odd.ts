import type { RequestAuth, UserLike } from 'latchkey'

/** What the examples do not do, and apps do: one more route, copied into each of them. */
export async function odd(
  auth: Pick<RequestAuth<UserLike>, 'session' | 'logout' | 'request'>,
): Promise<Response> {
  const { searchParams, origin } = new URL(auth.request.url)
  switch (searchParams.get('do')) {
    case 'write and throw':
      auth.session.set('note', 'written')
      throw new Error('on purpose')
    case 'log out and throw':
      await auth.logout()
      throw new Error('on purpose')
    case 'write and redirect':
      auth.session.set('note', 'written')
      return Response.redirect(`${origin}/app`, 303)
    default:
      return Response.json({
        note: (await auth.session.get('note')) ?? null,
        outer: (await auth.session.get('outer')) ?? null,
      })
  }
}
