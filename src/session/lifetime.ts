import { checkSeconds, misconfigured } from '../base/options.ts'
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
   * A request renews the session if the last renewal is older than this. Default 300, or a tenth of
   * `idleSeconds` if that is less.
   *
   * Most requests therefore write nothing, and the idle end is accurate to this span.
   */
  readonly touchSeconds?: number | undefined
}

/**
 * The idle and the absolute end of sessions; the earlier one counts (OWASP Session Management, "Session
 * Expiration").
 *
 * Nothing is scheduled (a timer overflows after 24.8 days). The times are compared when a record is read,
 * under the policy in force at that moment, so that a shorter lifetime applies to existing sessions too.
 */
export class Lifetime {
  /** No session lives for longer than this. */
  readonly absoluteSeconds: number
  readonly #idleMs: number
  readonly #absoluteMs: number
  readonly #touchMs: number

  constructor(options: LifetimeOptions) {
    const idle = checkSeconds('idleSeconds', options.idleSeconds ?? 86_400)
    const absolute = checkSeconds('absoluteSeconds', options.absoluteSeconds ?? 1_209_600)
    this.absoluteSeconds = absolute
    // Whole milliseconds: some stores keep times as integers.
    this.#idleMs = Math.round(idle * 1000)
    this.#absoluteMs = Math.round(absolute * 1000)
    this.#touchMs = checkSeconds('touchSeconds', options.touchSeconds ?? Math.min(300, idle / 10), 0) * 1000
    if (options.touchSeconds !== undefined && options.touchSeconds >= idle) {
      misconfigured('`touchSeconds` must be less than `idleSeconds`, or sessions in use would end.')
    }
  }

  /** The times of a record that is renewed at `now`. */
  renewed(createdAt: number, now: number): RecordTimes {
    const expiresAt = Math.min(now + this.#idleMs, createdAt + this.#absoluteMs)
    return { renewedAt: now, expiresAt, keptUntil: expiresAt }
  }

  isLive(record: Omit<SessionRecord, 'data'>, now: number): boolean {
    return now < this.endsAt(record)
  }

  /** When the record ends, by its own times or by the policy in force, whichever is earlier. */
  endsAt(record: Omit<SessionRecord, 'data'>): number {
    return Math.min(record.expiresAt, record.renewedAt + this.#idleMs, record.createdAt + this.#absoluteMs)
  }

  isRenewalDue(record: Omit<SessionRecord, 'data'>, now: number): boolean {
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
    const renewedAt = expiresAt - this.#idleMs
    return renewedAt <= now + CLOCK_SKEW_MS && !this.isOverdue({ renewedAt }, now)
  }
}
