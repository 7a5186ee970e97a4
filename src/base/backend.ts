import { LatchkeyError } from './errors.ts'
import { isPromise, type MaybePromise } from './maybe-promise.ts'

/** External dependencies that can fail, as error messages name them. */
export type Backend = 'record store' | 'user provider' | 'limiter' | 'guard'

/** {@link callBackend} with the configured time limit. */
export type CallBackend = <T>(backend: Backend, call: () => MaybePromise<T>) => MaybePromise<T>

/**
 * Calls a backend with a time limit. A synchronous result is returned as it is, without a promise or a timer.
 *
 * @throws LatchkeyError `backend_failed` when the backend throws (the error is kept as `cause`), or does not
 * answer within `timeLimitSeconds`. A LatchkeyError is passed on unchanged.
 */
export function callBackend<T>(
  backend: Backend,
  timeLimitSeconds: number,
  call: () => MaybePromise<T>,
): MaybePromise<T> {
  try {
    return withinTime(backend, timeLimitSeconds, call(), (cause) => failure(backend, cause))
  } catch (cause) {
    throw failure(backend, cause)
  }
}

/** The cause is kept for logs. Its message is not repeated, because it may quote a query or an address. */
function failure(backend: Backend, cause: unknown): unknown {
  if (cause instanceof LatchkeyError) return cause
  return new LatchkeyError('backend_failed', `The ${backend} failed.`, { cause })
}

/**
 * The backend's answer, or `backend_failed` if it does not come in time. A later answer is ignored.
 *
 * One promise, made by hand: `Promise.race` and `finally` would make five, on every request (3 µs of 40).
 */
export function withinTime<T>(
  backend: Backend,
  timeLimitSeconds: number,
  answer: MaybePromise<T>,
  failed: (cause: unknown) => unknown = (cause) => cause,
): MaybePromise<T> {
  if (!isPromise(answer)) return answer
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new LatchkeyError('backend_failed', `The ${backend} did not answer within ${timeLimitSeconds} s.`),
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
