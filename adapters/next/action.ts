import { type Auth, LatchkeyError, type MaybePromise, type RequestAuth, type UserLike } from 'latchkey'
import { keepCookie } from './cookie-jar.ts'
import type { NextOptions } from './next-options.ts'
import { currentRequest } from './seen-request.ts'
import { isAnswer } from './thrown-answer.ts'

/**
 * One call of a Server Action. It has no response to add a header to: the session is saved, and its cookie set, before
 * what the action returned or threw goes on to Next. The cookie only when it changed, since setting one makes the
 * browser's router forget every page.
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
      'A page of another site called this Server Action. If that site is yours, name it in `trustedOrigins`.',
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

/** What an action came to, to be done later: a value to return, or a redirect to throw. */
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
