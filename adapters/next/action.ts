import { type Auth, LatchkeyError, type MaybePromise, type RequestAuth, type UserLike } from 'latchkey'
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
  run: (current: RequestAuth<User, Devices>) => MaybePromise<Result>,
  { address }: NextOptions,
): Promise<Result> {
  const { request, jar } = await currentRequest('POST')
  if (auth.checkCrossOrigin(request)) {
    throw new LatchkeyError(
      'cross_origin_refused',
      'This Server Action was called from another site. If that site is yours, add it to `trustedOrigins`.',
    )
  }
  const current = auth.begin(request, address?.(request))
  const save = async (failed: boolean): Promise<void> => {
    const { cookie } = await current.commit({ failed })
    if (cookie !== undefined) keepCookie(jar, cookie)
  }
  let end: () => Result
  try {
    end = await outcomeOf(() => run(current))
    await save(false)
  } catch (error) {
    await save(true)
    throw error
  }
  return end()
}

/** The outcome of an action, to be produced later: a value to return, or a redirect to throw. */
async function outcomeOf<Result>(run: () => MaybePromise<Result>): Promise<() => Result> {
  try {
    const value = await run()
    return () => value
  } catch (thrown) {
    if (!isAnswer(thrown)) throw thrown
    return () => {
      throw thrown
    }
  }
}
