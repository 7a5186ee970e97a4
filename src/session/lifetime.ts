import { checkSeconds, misconfigured } from '../base/options.ts'
import { ownLifetimeOf } from './own-lifetime.ts'
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
   * For how long a store keeps a user's session beyond its end, so that a request with the old cookie gets the reason. Of
   * a session that was ended by a logout or a revocation only the reason is kept. Default 86,400; 0 keeps nothing.
   */
  readonly reasonSeconds?: number | undefined
}

/** When a session ends, epoch milliseconds. */
export interface SessionEnds {
  /** Unless it is used again. */
  readonly expiresAt: number
  /** However much it is used. */
  readonly absoluteExpiresAt: number
  /** The next request after that renews it. */
  readonly renewAfter: number
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
    const touch = checkSeconds('touchSeconds', options.touchSeconds ?? Math.min(300, idle / 10), 0)
    this.#touchMs = touch * 1000
    this.#ordinary = policy(idle, absolute, touch)
    this.#remembered = policy(remember, remember, Math.min(touch, remember / 10))
    if (options.touchSeconds !== undefined && options.touchSeconds >= Math.min(idle, remember)) {
      misconfigured(
        '`touchSeconds` must be less than `idleSeconds` and `rememberSeconds`, or sessions in use would end.',
      )
    }
  }

  /** The times of a record that is renewed at `now`, or of one that is changed without being renewed. */
  timesOf(record: Ending & RecordTimes, now: number, renews: boolean): RecordTimes {
    const { renewedAt, expiresAt, keptUntil } = record
    return renews ? this.renewed(record, now) : { renewedAt, expiresAt, keptUntil }
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
    return now < this.endsOf(record).expiresAt
  }

  /** When the record ends, by its own times or by the policy in force, whichever is earlier. */
  endsOf(record: Ending): SessionEnds {
    const { idleMs, absoluteMs, endsAt, touchMs } = this.#policyOf(record)
    const absoluteExpiresAt = Math.min(record.createdAt + absoluteMs, endsAt)
    const expiresAt = Math.min(record.expiresAt, record.renewedAt + idleMs, absoluteExpiresAt)
    return { expiresAt, absoluteExpiresAt, renewAfter: record.renewedAt + touchMs }
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
    const own = ownLifetimeOf(data)
    return own?.persistent ?? own?.remember
  }

  /**
   * Until when a seal opens that is made at `now`. It says nothing of the login's own lifetime, which is inside, so that
   * a process that cannot open it still knows when it was made.
   */
  sealedUntil({ data }: Pick<SessionRecord, 'data'>, now: number): number {
    return now + (ownLifetimeOf(data)?.remember ? this.#remembered : this.#ordinary).idleMs
  }

  /**
   * Whether the session was renewed for the last time so long ago that no request can have found it good since: any
   * that did would have renewed it, unless it was told not to (`skipRenewal`).
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

  /** The configured policy, or that of `rememberSeconds`, shortened by the login's own lifetime. */
  #policyOf({ data }: Pick<SessionRecord, 'data'>): Policy {
    const own = ownLifetimeOf(data)
    if (!own) return this.#ordinary
    const { idleMs, absoluteMs, touchMs } = own.remember ? this.#remembered : this.#ordinary
    return {
      idleMs: Math.min(idleMs, own.idleMs ?? Number.POSITIVE_INFINITY),
      absoluteMs: Math.min(absoluteMs, own.absoluteMs ?? Number.POSITIVE_INFINITY),
      touchMs: own.idleMs === undefined ? touchMs : Math.min(touchMs, own.idleMs / 10),
      endsAt: own.endsAt ?? Number.POSITIVE_INFINITY,
    }
  }
}

interface Policy {
  readonly idleMs: number
  readonly absoluteMs: number
  readonly touchMs: number
  readonly endsAt: number
}

/** In whole milliseconds: some stores keep times as integers. */
function policy(idleSeconds: number, absoluteSeconds: number, touchSeconds: number): Policy {
  return {
    idleMs: Math.round(idleSeconds * 1000),
    absoluteMs: Math.round(absoluteSeconds * 1000),
    touchMs: touchSeconds * 1000,
    endsAt: Number.POSITIVE_INFINITY,
  }
}
