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
  let answer: MaybePromise<T>
  try {
    answer = call()
  } catch (cause) {
    throw failed(engine, cause)
  }
  return isPromise(answer) ? withTimeLimit(engine, timeLimitSeconds, answer) : answer
}

function withTimeLimit<T>(engine: Engine, timeLimitSeconds: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      reject(new LatchkeyError('engine_failed', `The ${engine} did not answer within ${timeLimitSeconds} s.`))
    }
    const timer = setTimeout(late, timeLimitSeconds * 1000)
    answer.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (cause: unknown) => {
        clearTimeout(timer)
        reject(failed(engine, cause))
      },
    )
  })
}

/** The cause is kept for logs; its message is not repeated, since it may quote a query or an address. */
function failed(engine: Engine, cause: unknown): LatchkeyError {
  return new LatchkeyError('engine_failed', `The ${engine} failed.`, { cause })
}
