import type { Limiter, Reservation } from 'latchkey'
import { checkBinding } from './check-binding.ts'
import { type DurableObjectNamespaceLike, tell } from './tell.ts'

/** The options of `durableObjectLimiter`. */
export interface DurableObjectLimiterOptions {
  /** The prefix of every object's name. Default: none. */
  readonly prefix?: string
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Counts failed attempts in Durable Objects, for all isolates: one object for each account and each network. Export
 * `SessionObject` from your Worker and pass its binding; sessions may use the same.
 *
 * @throws LatchkeyError `invalid_configuration` for a missing binding or an unknown option.
 */
export function durableObjectLimiter(
  namespace: DurableObjectNamespaceLike,
  options: DurableObjectLimiterOptions = {},
): Limiter {
  const { prefix = '', now = Date.now, ...unknown } = options
  checkBinding('durableObjectLimiter', namespace?.idFromName, unknown)
  const ask = (key: string, call: object): Promise<unknown> =>
    tell(namespace, `${prefix}limit:${key}`, { ...call, now: now() })
  return {
    reserve: async (key, source, limits) =>
      (await ask(key, { do: 'reserve', source, limits })) as Reservation,
    async settle(key, source, as, limits) {
      await ask(key, { do: 'settle', source, as, limits })
    },
    async forget(key) {
      await ask(key, { do: 'forget' })
    },
  }
}
