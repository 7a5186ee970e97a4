/** A value, or a promise of one. Ports answer so, that a store in memory need not pay for promises. */
export type MaybePromise<T> = T | Promise<T>

/** Whether `value` is a promise (or any thenable), so that the synchronous path can stay synchronous. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

/** Goes on with a value: at once if it is there, later if it is a promise. The hot path never waits for nothing. */
export function andThen<T, Result>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<Result>,
): MaybePromise<Result> {
  return isPromise(value) ? value.then(next) : next(value)
}
