import { LatchkeyError } from './errors.ts'
import { isPromise, type MaybePromise } from './maybe-promise.ts'

/** External dependencies that can fail, as error messages name them. */
export type Backend = 'record store' | 'user provider' | 'limiter' | 'guard' | 'store of previous sessions'

/**
 * Returns `target` with a time limit on each of these methods, as {@link callBackend} sets it. A method that `target`
 * lacks is missing from the result. Backends are wrapped once, when they are configured, so that no call is forgotten.
 */
export function withTimeLimit<T extends object, Name extends string & keyof T>(
  backend: Backend,
  timeLimitSeconds: number,
  target: T,
  methods: readonly Name[],
): Pick<T, Name> {
  const limited: Record<string, unknown> = {}
  for (const name of methods) {
    if (!target[name]) continue
    limited[name] = (...args: unknown[]) => {
      let answer: unknown
      try {
        answer = (target[name] as (...args: unknown[]) => unknown)(...args)
      } catch (cause) {
        throw failure(backend, cause)
      }
      // Asked here and not by `isPromise`: this is on the way of every request.
      return typeof (answer as Promise<unknown> | null | undefined)?.then === 'function'
        ? inTime(backend, timeLimitSeconds, answer as Promise<unknown>, (cause) => failure(backend, cause))
        : answer
    }
  }
  return limited as Pick<T, Name>
}

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
    const answer = call()
    return isPromise(answer)
      ? inTime(backend, timeLimitSeconds, answer, (cause) => failure(backend, cause))
      : answer
  } catch (cause) {
    throw failure(backend, cause)
  }
}

/** The cause is kept for logs. Its message is not repeated, because it may quote a query or an address. */
function failure(backend: Backend, cause: unknown): unknown {
  if (cause instanceof LatchkeyError) return cause
  return new LatchkeyError('backend_failed', `The ${backend} failed.`, { cause })
}

/** The answer, or `backend_failed` if it does not come in time. A later answer is ignored. */
export function withinTime<T>(
  backend: Backend,
  timeLimitSeconds: number,
  answer: MaybePromise<T>,
): MaybePromise<T> {
  return isPromise(answer) ? inTime(backend, timeLimitSeconds, answer, (cause) => cause) : answer
}

/** One promise, made by hand: `Promise.race` and `finally` would make five, on every request (3 µs of 40). */
function inTime<T>(
  backend: Backend,
  timeLimitSeconds: number,
  answer: Promise<T>,
  failed: (cause: unknown) => unknown,
): Promise<T> {
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
