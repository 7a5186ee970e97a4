import { type Auth, LatchkeyError, type MaybePromise, type RequestAuth, type UserLike } from 'latchkey'
import type { SessionCommit } from 'latchkey/adapter'
import { keepCookie } from './cookie-jar.ts'
import type { NextOptions } from './next-options.ts'
import { currentRequest } from './seen-request.ts'
import { isAnswer } from './thrown-answer.ts'

/**
 * Runs one call of a Server Action. An action has no response to add headers to: the session is saved, and
 * its cookie set, before what the action returned or threw reaches Next. The cookie is set only if it
 * changed, since setting one makes the browser's router forget every page.
 */
export async function action<User extends UserLike, Devices, Result>(
  auth: Auth<User, Devices>,
  run: (auth: RequestAuth<User, Devices>) => MaybePromise<Result>,
  { address }: NextOptions,
): Promise<Result> {
  const { request, jar, key } = await currentRequest('POST')
  const visit = await auth.open(request, { address: address?.(request), key, target: null, lastSaves: true })
  if (!('auth' in visit)) {
    throw new LatchkeyError(
      'cross_origin_refused',
      'This Server Action was called from another site. If that site is yours, add it to `trustedOrigins`.',
    )
  }
  const outcome = await outcomeOf(() => run(visit.auth))
  let end = outcome.end
  let commit: SessionCommit
  try {
    commit = await visit.close({ failed: outcome.failed })
  } catch (error) {
    commit = await visit.close({ failed: true })
    end = rethrowing(error)
  }
  for (const cookie of commit.cookies) keepCookie(jar, cookie)
  return end()
}

/** What came of an action, to be produced later: a value to return, or a redirect or an error to throw. */
async function outcomeOf<Result>(
  run: () => MaybePromise<Result>,
): Promise<{ readonly failed: boolean; readonly end: () => Result }> {
  try {
    const value = await run()
    return { failed: false, end: () => value }
  } catch (thrown) {
    return { failed: !isAnswer(thrown), end: rethrowing(thrown) }
  }
}

function rethrowing(thrown: unknown): () => never {
  return () => {
    throw thrown
  }
}
