import { LatchkeyError } from './errors.ts'
import { isPromise, type MaybePromise } from './maybe-promise.ts'

/** What stands behind us and can break. */
export type Engine = 'record store' | 'user provider' | 'limiter' | 'guard'

/**
 * Calls an engine with a time limit. What it throws becomes `engine_failed` with its `cause`; so does no answer
 * within `timeLimitSeconds`. A synchronous answer passes through without a promise or a timer.
 */
export function callEngine<T>(
  engine: Engine,
  timeLimitSeconds: number,
  call: () => MaybePromise<T>,
): MaybePromise<T> {
  try {
    const answer = call()
    if (!isPromise(answer)) return answer
    return withinTime(engine, timeLimitSeconds, answer).catch((cause: unknown) => fail(engine, cause))
  } catch (cause) {
    return fail(engine, cause)
  }
}

/** The cause is kept for logs; its message is not repeated, since it may quote a query or an address. */
function fail(engine: Engine, cause: unknown): never {
  if (cause instanceof LatchkeyError) throw cause
  throw new LatchkeyError('engine_failed', `The ${engine} failed.`, { cause })
}

/** The answer of an engine, or `engine_failed` when there is none in time. A later answer is ignored. */
export function withinTime<T>(engine: Engine, timeLimitSeconds: number, answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new LatchkeyError('engine_failed', `The ${engine} did not answer within ${timeLimitSeconds} s.`))
    }, timeLimitSeconds * 1000)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
