import { LatchkeyError } from '../base/errors.ts'
import { OWN_LIFETIME } from './keys.ts'
import { isEmpty, type SessionPatch } from './record.ts'

/** How long the session of one login lives. It can shorten the configured lifetime, and never lengthen it. */
export interface LoginLifetime {
  /** Ends when it has not been used for this many seconds. Default: as configured. */
  readonly idleSeconds?: number | undefined
  /** Ends this many seconds after the login. Default: as configured. */
  readonly absoluteSeconds?: number | undefined
  /** Ends at this time, epoch milliseconds: when an identity provider's own session ends. Default: none. */
  readonly endsAt?: number | undefined
  /**
   * Whether the cookie outlives the browser. Default: whether `remember` or `cookie.maxAgeSeconds` is given. The browser
   * then keeps it until the session's idle end.
   */
  readonly persistent?: boolean | undefined
}

/** What a session keeps of that. */
export interface OwnLifetime {
  readonly remember?: true
  readonly idleMs?: number
  readonly absoluteMs?: number
  readonly endsAt?: number
  readonly persistent?: boolean
}

/** What a login may ask for. */
interface Asked {
  readonly remember?: unknown
  readonly lifetime?: LoginLifetime | undefined
}

/**
 * What the session of a login keeps about its lifetime; `undefined` if it lives as configured.
 *
 * @throws LatchkeyError `misuse` for values that are no times, an end that has passed, and unknown members.
 */
export function ownLifetime({ remember, lifetime }: Asked, now: number): OwnLifetime | undefined {
  if (remember !== undefined && typeof remember !== 'boolean')
    refuse('`remember` must be true or false: a form sends text.')
  if (lifetime !== undefined && (typeof lifetime !== 'object' || lifetime === null))
    refuse('`lifetime` must be an object, such as { endsAt }.')
  const { idleSeconds, absoluteSeconds, endsAt, persistent, ...unknown } = { ...lifetime }
  for (const name in unknown) refuse(`\`lifetime\` has no member \`${name}\`.`)
  if (persistent !== undefined && typeof persistent !== 'boolean')
    refuse('`lifetime.persistent` must be true or false.')
  if (endsAt !== undefined && !(Number.isSafeInteger(endsAt) && endsAt > now))
    refuse('`lifetime.endsAt` must be a time in the future, in epoch milliseconds.')
  const own: OwnLifetime = {
    ...(remember === true ? { remember } : {}),
    ...milliseconds('idleMs', 'idleSeconds', idleSeconds),
    ...milliseconds('absoluteMs', 'absoluteSeconds', absoluteSeconds),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(persistent === undefined ? {} : { persistent }),
  }
  return isEmpty(own as SessionPatch) ? undefined : own
}

/** Fails closed: a session whose lifetime was tampered with is over. */
const OVER: OwnLifetime = { endsAt: 0 }

/** What a session has kept of that; `undefined` if it lives as configured. */
export function ownLifetimeOf(data: SessionPatch): OwnLifetime | undefined {
  const own = data[OWN_LIFETIME]
  if (own === undefined) return undefined
  if (typeof own !== 'object' || own === null) return OVER
  const { remember, idleMs, absoluteMs, endsAt, persistent } = own as Record<keyof OwnLifetime, unknown>
  const isChoice = (value: unknown): boolean => value === undefined || typeof value === 'boolean'
  const isTime = (value: unknown): boolean =>
    value === undefined || (Number.isFinite(value) && Number(value) >= 0)
  const isOurs = [remember, persistent].every(isChoice) && [idleMs, absoluteMs, endsAt].every(isTime)
  return isOurs ? (own as OwnLifetime) : OVER
}

function milliseconds(key: string, name: string, seconds: unknown): Record<string, number> {
  if (seconds === undefined) return {}
  const ms = typeof seconds === 'number' && Number.isFinite(seconds) ? Math.round(seconds * 1000) : 0
  return ms > 0 ? { [key]: ms } : refuse(`\`lifetime.${name}\` must be a positive number of seconds.`)
}

function refuse(message: string): never {
  throw new LatchkeyError('misuse', message)
}
