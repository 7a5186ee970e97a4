import { LatchkeyError } from './errors.ts'
import { isPromise, type MaybePromise } from './maybe-promise.ts'

/** What stands behind us and can break. */
export type Backend = 'record store' | 'user provider' | 'limiter' | 'guard'

/** {@link callBackend} with the time limit of a configuration. */
export type CallBackend = <T>(engine: Backend, call: () => MaybePromise<T>) => MaybePromise<T>

/**
 * Calls an engine with a time limit. What it throws becomes `backend_failed` with its `cause`; so does no answer
 * within `timeLimitSeconds`. A synchronous answer passes through without a promise or a timer.
 */
export function callBackend<T>(
  engine: Backend,
  timeLimitSeconds: number,
  call: () => MaybePromise<T>,
): MaybePromise<T> {
  try {
    const answer = call()
    return isPromise(answer)
      ? withinTime(engine, timeLimitSeconds, answer, (cause) => failure(engine, cause))
      : answer
  } catch (cause) {
    throw failure(engine, cause)
  }
}

/** The cause is kept for logs; its message is not repeated, since it may quote a query or an address. */
function failure(engine: Backend, cause: unknown): unknown {
  if (cause instanceof LatchkeyError) return cause
  return new LatchkeyError('backend_failed', `The ${engine} failed.`, { cause })
}

/**
 * The answer of an engine, or `backend_failed` when there is none in time. A later answer is ignored. One promise by
 * hand: `Promise.race` and `finally` make five, at every request (3 µs of 40).
 */
export function withinTime<T>(
  engine: Backend,
  timeLimitSeconds: number,
  answer: Promise<T>,
  failed: (cause: unknown) => unknown = (cause) => cause,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new LatchkeyError('backend_failed', `The ${engine} did not answer within ${timeLimitSeconds} s.`),
      )
    }, timeLimitSeconds * 1000)
    answer.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (cause: unknown) => {
        clearTimeout(timer)
        reject(failed(cause))
      },
    )
  })
}
