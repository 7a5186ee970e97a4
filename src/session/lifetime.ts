import { checkSeconds, misconfigured } from '../base/options.ts'
import { OWN_LIFETIME } from './keys.ts'
import type { OwnLifetime } from './own-lifetime.ts'
import type { RecordTimes, SessionRecord } from './record.ts'

/** The clocks of a fleet differ. What is dated further in the future than this was not made by it. */
export const CLOCK_SKEW_MS = 60_000

/** How long sessions live. All values are in seconds. */
export interface LifetimeOptions {
  /** A session ends when it has not been used for this long. Default 86,400 (24 hours). */
  readonly idleSeconds?: number | undefined
  /** A session ends this long after the login, used or not. Default 1,209,600 (14 days). */
  readonly absoluteSeconds?: number | undefined
  /**
   * Replaces both for a login with `remember: true`: its session ends when it has not been used for this long, and this
   * long after the login at the latest. Its cookie outlives the browser. Default 2,592,000 (30 days).
   */
  readonly rememberSeconds?: number | undefined
  /**
   * A request renews the session if the last renewal is older than this. Default 300, or a tenth of
   * `idleSeconds` if that is less.
   *
   * Most requests therefore write nothing, and the idle end is accurate to this span.
   */
  readonly touchSeconds?: number | undefined
  /**
   * For how long a store keeps a user's session beyond its end, so that a request that still brings its cookie is told
   * why it ended. A session that was ended on purpose leaves its reason alone. Default 86,400; 0 for not at all.
   */
  readonly reasonSeconds?: number | undefined
}

/** The part of a record that its end depends on. */
type Ending = Omit<SessionRecord, 'keptUntil' | 'mark'>

/**
 * The idle and the absolute end of sessions; the earlier one counts (OWASP Session Management, "Session
 * Expiration").
 *
 * Nothing is scheduled (a timer overflows after 24.8 days). The times are compared when a record is read,
 * under the policy in force at that moment, so that a shorter lifetime applies to existing sessions too. A login may
 * shorten that policy for its session, or choose the one of `rememberSeconds`.
 */
export class Lifetime {
  /** As configured, or its default. */
  readonly idleSeconds: number
  /** No session lives for longer than this. */
  readonly longestSeconds: number
  /** How long a reason is kept. */
  readonly reasonMs: number
  readonly #ordinary: Policy
  readonly #remembered: Policy
  readonly #touchMs: number

  constructor(options: LifetimeOptions) {
    const idle = checkSeconds('idleSeconds', options.idleSeconds ?? 86_400)
    const absolute = checkSeconds('absoluteSeconds', options.absoluteSeconds ?? 1_209_600)
    const remember = checkSeconds('rememberSeconds', options.rememberSeconds ?? 2_592_000)
    this.idleSeconds = idle
    this.longestSeconds = Math.max(absolute, remember)
    this.reasonMs = Math.round(checkSeconds('reasonSeconds', options.reasonSeconds ?? 86_400, 0) * 1000)
    this.#ordinary = policy(idle, absolute)
    this.#remembered = policy(remember, remember)
    this.#touchMs = checkSeconds('touchSeconds', options.touchSeconds ?? Math.min(300, idle / 10), 0) * 1000
    if (options.touchSeconds !== undefined && options.touchSeconds >= Math.min(idle, remember)) {
      misconfigured(
        '`touchSeconds` must be less than `idleSeconds` and `rememberSeconds`, or sessions in use would end.',
      )
    }
  }

  /** The times of a record that is renewed at `now`. */
  renewed(record: Pick<SessionRecord, 'data' | 'createdAt' | 'owner'>, now: number): RecordTimes {
    const expiresAt = Math.min(now + this.#policyOf(record).idleMs, this.absoluteEndOf(record))
    return {
      renewedAt: now,
      expiresAt,
      keptUntil: record.owner === undefined ? expiresAt : expiresAt + this.reasonMs,
    }
  }

  isLive(record: Ending, now: number): boolean {
    return now < this.endsAt(record)
  }

  /** When the record ends, by its own times or by the policy in force, whichever is earlier. */
  endsAt(record: Ending): number {
    const { idleMs } = this.#policyOf(record)
    return Math.min(record.expiresAt, record.renewedAt + idleMs, this.absoluteEndOf(record))
  }

  /** When the record ends at the latest, however much it is used. */
  absoluteEndOf(record: Pick<SessionRecord, 'data' | 'createdAt'>): number {
    const { absoluteMs, endsAt } = this.#policyOf(record)
    return Math.min(record.createdAt + absoluteMs, endsAt)
  }

  /** Which of its two ends a record has come to that is no longer live. */
  whyOver(record: Ending, now: number): 'idle' | 'absolute' {
    return now < this.absoluteEndOf(record) ? 'idle' : 'absolute'
  }

  /** Whether the cookie outlives the browser, if the session's login said so. */
  isPersistent({ data }: Pick<SessionRecord, 'data'>): boolean | undefined {
    return ownOf(data)?.persistent
  }

  isRenewalDue(record: Pick<SessionRecord, 'renewedAt'>, now: number): boolean {
    return now - record.renewedAt > this.#touchMs
  }

  /**
   * Whether the session was renewed for the last time so long ago that no request can have found it good since: any
   * that did would have renewed it.
   */
  isOverdue({ renewedAt }: Pick<SessionRecord, 'renewedAt'>, now: number): boolean {
    return now - renewedAt > this.#touchMs + CLOCK_SKEW_MS
  }

  /** Whether what expires at that time was renewed since then: all that can be told of a seal that does not open here. */
  wasJustRenewed(expiresAt: number, now: number): boolean {
    return [this.#ordinary, this.#remembered].some(({ idleMs }) => {
      const renewedAt = expiresAt - idleMs
      return renewedAt <= now + CLOCK_SKEW_MS && !this.isOverdue({ renewedAt }, now)
    })
  }

  /** The policy for a session: that in force, or the one of remembered logins, shortened by what its login asked for. */
  #policyOf({ data }: Pick<SessionRecord, 'data'>): Policy {
    const own = ownOf(data)
    if (!own) return this.#ordinary
    const { idleMs, absoluteMs } = own.remember === true ? this.#remembered : this.#ordinary
    return {
      idleMs: Math.min(idleMs, own.idleMs ?? Number.POSITIVE_INFINITY),
      absoluteMs: Math.min(absoluteMs, own.absoluteMs ?? Number.POSITIVE_INFINITY),
      endsAt: own.endsAt ?? Number.POSITIVE_INFINITY,
    }
  }
}

interface Policy {
  readonly idleMs: number
  readonly absoluteMs: number
  readonly endsAt: number
}

/** In whole milliseconds: some stores keep times as integers. */
function policy(idleSeconds: number, absoluteSeconds: number): Policy {
  return {
    idleMs: Math.round(idleSeconds * 1000),
    absoluteMs: Math.round(absoluteSeconds * 1000),
    endsAt: Number.POSITIVE_INFINITY,
  }
}

function ownOf(data: Readonly<Record<string, unknown>>): OwnLifetime | undefined {
  return data[OWN_LIFETIME] as OwnLifetime | undefined
}
