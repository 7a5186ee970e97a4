/**
 * A value, or a promise of one. Backends may return either, so that a store in memory does not pay for
 * promises.
 */
export type MaybePromise<T> = T | Promise<T>

/** Whether `value` is a promise (or any thenable), so that synchronous code can stay synchronous. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/**
 * Passes a value on: at once if it is there, later if it is a promise. The hot path never awaits a value that
 * is already there.
 */
export function andThen<T, Result>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<Result>,
): MaybePromise<Result> {
  return isPromise(value) ? value.then(next) : next(value)
}
