import { checkSeconds, misconfigured } from '../base/options.ts'
import type { RecordTimes, SessionRecord } from './record.ts'

/** How long sessions live. All spans in seconds. */
export interface LifetimeOptions {
  /** A session that is not used for this long ends. Default 86,400 (24 hours). */
  readonly idleSeconds?: number | undefined
  /** A session ends this long after the login, used or not. Default 1,209,600 (14 days). */
  readonly absoluteSeconds?: number | undefined
  /**
   * A session is renewed by use when its last renewal is older than this: the idle end is exact to this span, and
   * most requests write nothing. Default 300, and never more than a tenth of `idleSeconds`.
   */
  readonly touchSeconds?: number | undefined
}

/**
 * Idle and absolute end together; the earlier one counts (OWASP Session Management, "Session Expiration").
 * Nothing is ever scheduled (a timer overflows after 24.8 days): the times are compared when a record is read, by
 * the policy in force then, so that shortening a lifetime applies to the sessions that already live.
 */
export class Lifetime {
  readonly #idleMs: number
  readonly #absoluteMs: number
  readonly #touchMs: number

  constructor(options: LifetimeOptions) {
    const idle = checkSeconds('idleSeconds', options.idleSeconds ?? 86_400)
    const absolute = checkSeconds('absoluteSeconds', options.absoluteSeconds ?? 1_209_600)
    // Whole milliseconds: some engines keep times as integers.
    this.#idleMs = Math.round(idle * 1000)
    this.#absoluteMs = Math.round(absolute * 1000)
    this.#touchMs = checkSeconds('touchSeconds', options.touchSeconds ?? Math.min(300, idle / 10), 0) * 1000
    if (options.touchSeconds !== undefined && options.touchSeconds >= idle) {
      misconfigured('`touchSeconds` is not below `idleSeconds`: sessions in use would end. Lower it.')
    }
  }

  /** The times of a record that is renewed `now`. */
  renewed(createdAt: number, now: number): RecordTimes {
    return { renewedAt: now, expiresAt: Math.min(now + this.#idleMs, createdAt + this.#absoluteMs) }
  }

  isLive(record: Omit<SessionRecord, 'data'>, now: number): boolean {
    return now < this.endsAt(record)
  }

  /** When the record ends by its own times and by the policy in force, whichever is earlier. */
  endsAt(record: Omit<SessionRecord, 'data'>): number {
    return Math.min(record.expiresAt, record.renewedAt + this.#idleMs, record.createdAt + this.#absoluteMs)
  }

  isRenewalDue(record: Omit<SessionRecord, 'data'>, now: number): boolean {
    return now - record.renewedAt > this.#touchMs
  }
}
