import { LatchkeyError } from '../base/errors.ts'

/** How long the session of one login lives. It can shorten the configured lifetime, and never lengthen it. */
export interface LoginLifetime {
  /** Ends when it has not been used for this many seconds. Default: as configured. */
  readonly idleSeconds?: number | undefined
  /** Ends this many seconds after the login. Default: as configured. */
  readonly absoluteSeconds?: number | undefined
  /** Ends at this time, epoch milliseconds: when an identity provider's own session ends. Default: none. */
  readonly endsAt?: number | undefined
  /**
   * Whether the cookie outlives the browser. Default: whether `remember` or `cookie.maxAgeSeconds` is given. A cookie that
   * does is kept until the session ends unless it is used.
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

/**
 * What the session of a login keeps about its lifetime; `undefined` if it lives as configured.
 *
 * @throws LatchkeyError `misuse` for values that are no times, an end that has passed, and unknown members.
 */
export function ownLifetime(
  remember: unknown,
  lifetime: LoginLifetime | undefined,
  now: number,
): OwnLifetime | undefined {
  if (remember !== undefined && typeof remember !== 'boolean')
    refuse('`remember` must be true or false: a form sends text.')
  if (remember !== true && lifetime === undefined) return undefined
  if (lifetime !== undefined && (typeof lifetime !== 'object' || lifetime === null))
    refuse('`lifetime` must be an object, such as { endsAt }.')
  const {
    idleSeconds,
    absoluteSeconds,
    endsAt,
    persistent = remember === true || undefined,
    ...unknown
  } = {
    ...lifetime,
  }
  for (const name in unknown) refuse(`\`lifetime\` has no member \`${name}\`.`)
  if (persistent !== undefined && typeof persistent !== 'boolean')
    refuse('`lifetime.persistent` must be true or false.')
  if (endsAt !== undefined && !(Number.isSafeInteger(endsAt) && endsAt > now))
    refuse('`lifetime.endsAt` must be a time in the future, in epoch milliseconds.')
  return {
    ...(remember === true ? { remember } : {}),
    ...milliseconds('idleMs', 'idleSeconds', idleSeconds),
    ...milliseconds('absoluteMs', 'absoluteSeconds', absoluteSeconds),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(persistent === undefined ? {} : { persistent }),
  }
}

function milliseconds(key: string, name: string, seconds: unknown): Record<string, number> {
  if (seconds === undefined) return {}
  if (typeof seconds !== 'number' || !(seconds > 0 && Number.isFinite(seconds)))
    return refuse(`\`lifetime.${name}\` must be a positive number of seconds.`)
  return { [key]: Math.round(seconds * 1000) }
}

function refuse(message: string): never {
  throw new LatchkeyError('misuse', message)
}
