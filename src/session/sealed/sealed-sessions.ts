import { BoundedMap } from '../../base/bounded-map.ts'
import { flatCopy } from '../../base/flat-copy.ts'
import { andThen, type MaybePromise } from '../../base/maybe-promise.ts'
import { randomToken } from '../../crypto/random.ts'
import { Sealer } from '../../crypto/seal.ts'
import type { EndReason } from '../../user/user-token.ts'
import { CLOCK_SKEW_MS, type Lifetime } from '../lifetime.ts'
import { patched, type RecordTimes, type SessionPatch, type SessionRecord } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type {
  Beginning,
  KeptSession,
  LoadResult,
  SessionEnd,
  SessionEnvironment,
  SessionKind,
  SessionsEnded,
} from '../session-kind.ts'
import type { EndedLogins } from './ended-logins.ts'
import { fromPayload, toPayload } from './seal-payload.ts'

/** For how long after a rotation requests that were under way write nothing. As for stored sessions. */
const ROTATION_MS = 10_000
/** How many cookies and sessions are remembered for such requests. */
const REMEMBERED = 1000

/**
 * The id in a seal is that of a login, or of a visitor's session: a rotation keeps it. So the old cookie goes on reading
 * until the login ends, whichever of its cookies ends it.
 */
export class SealedSessions implements SessionKind<undefined> {
  readonly tellsEnd = true
  readonly foundGood: BoundedMap<string, number> = new BoundedMap<string, number>(REMEMBERED)
  readonly records: RecordStore | undefined
  readonly #ended: EndedLogins
  readonly #env: SessionEnvironment
  readonly #sealer: Sealer
  /** By the ends of their values. */
  readonly #opened: BoundedMap<string, KeptSession>
  /** Cookie values that a rotation has just replaced, and until when they write nothing. */
  readonly #replaced = new BoundedMap<string, number>(REMEMBERED)

  constructor(sealCacheSize: number, ended: EndedLogins, environment: SessionEnvironment) {
    this.records = ended.records
    this.#ended = ended
    this.#env = environment
    this.#sealer = new Sealer(environment.keyring, environment.now)
    this.#opened = new BoundedMap(sealCacheSize, ({ value }) => endOf(value))
  }

  get lifetime(): Lifetime {
    return this.#env.lifetime
  }

  get bytes(): number {
    return this.#ended.bytes
  }

  load(values: readonly string[], endedAt: number): MaybePromise<LoadResult> {
    const only = values.length === 1 ? this.#known(values[0] as string) : undefined
    if (!only) return this.#loadFrom(values, endedAt)
    const refused = this.#judge(only, endedAt)
    if (refused) return refused
    const whyEnded = this.#ended.whyEnded(only.id)
    // Most requests end here, without waiting.
    return whyEnded === null ? only : andThen(whyEnded, (reason) => reason ?? only)
  }

  create(data: SessionPatch, begin: Beginning): Promise<KeptSession> {
    return this.#keep(randomToken(), patched({}, data), this.#beginOf(begin))
  }

  async update(session: KeptSession, patch: SessionPatch, renews: boolean): Promise<KeptSession | null> {
    if (session.isReadOnly || this.#isOver(session)) return null
    const kept = await this.#keepOn(session, patch, renews)
    // Asked last: a rotation may have been saved while this was sealed.
    return this.#isReplaced(session) ? null : kept
  }

  async rotate(session: KeptSession, patch: SessionPatch, begin: Beginning): Promise<KeptSession | null> {
    if (begin.loginOf !== undefined) return this.#beginAnew(session, patch, begin)
    if (session.isReadOnly || this.#isOver(session)) return null
    const { createdAt } = session.record
    const begins = begin.isLeaving ? Math.max(createdAt + 1, begin.notBefore) : createdAt
    // From now on, so that a write that is saved at the same time is dropped. Not if there will be no other cookie.
    this.#replace(session)
    try {
      const kept = await this.#keepOn(session, patch, begin.renews, begins)
      if (kept) begin.check(kept)
      return kept
    } catch (error) {
      this.#replaced.set(session.value, 0)
      throw error
    }
  }

  trial(data: SessionPatch): Promise<KeptSession> {
    return this.#sealed(randomToken(), patched({}, data), this.#env.now())
  }

  async end(values: readonly string[], reason: EndReason): Promise<SessionsEnded> {
    let beganAt: number | undefined
    for (const value of values) {
      const session = await this.#open(value, 0)
      if (typeof session !== 'object') continue
      await this.#ended.add(session, reason)
      beganAt = Math.max(beganAt ?? 0, session.record.createdAt)
    }
    return { beganAt }
  }

  endKept(session: SessionEnd, reason: EndReason): MaybePromise<boolean> {
    return this.#ended.add(session, reason)
  }

  async endIfEmpty(session: KeptSession): Promise<boolean> {
    await this.#ended.add(session, 'logged_out')
    return true
  }

  #beginOf({ notBefore, from }: Beginning): number {
    return Math.max(from ?? this.#env.now(), notBefore)
  }

  /** A new login: the session before is over. */
  async #beginAnew(session: KeptSession, patch: SessionPatch, begin: Beginning): Promise<KeptSession> {
    const begins = this.#beginOf(begin)
    // One that is over has no data to continue.
    const held = this.#isOver(session) ? {} : session.record.data
    const kept = await this.#keep(randomToken(), patched(held, patch), begins)
    begin.check(kept)
    const isFirst = !session.isReadOnly && (await this.#ended.add(session, 'logged_out'))
    if (!isFirst) return this.#keep(randomToken(), patched({}, patch), begins)
    this.#replace(session)
    return kept
  }

  /** Seals the session anew. Returns `null` if it has ended by now. */
  async #keepOn(
    { id, record }: KeptSession,
    patch: SessionPatch,
    renews: boolean,
    begins: number = record.createdAt,
  ): Promise<KeptSession | null> {
    const kept = await this.#keep(id, patched(record.data, patch), begins, renews ? undefined : record)
    return (await this.#ended.whyEnded(id)) ? null : kept
  }

  /** Whether it has come to its end since it was loaded. */
  #isOver({ ends }: KeptSession): boolean {
    return this.#env.now() >= ends.expiresAt
  }

  #replace({ value }: KeptSession): void {
    this.#replaced.set(value, this.#env.now() + ROTATION_MS)
  }

  /** Whether a rotation or a login has replaced this cookie while the request was under way: the later one counts. */
  #isReplaced({ value }: KeptSession): boolean {
    return this.#env.now() < (this.#replaced.get(value) ?? 0)
  }

  /** Of several values the first that opens, or the first reason that says something. */
  async #loadFrom(values: readonly string[], endedAt: number): Promise<LoadResult> {
    let refused: LoadResult = 'unknown'
    for (const value of values) {
      const opened = await this.#open(value, endedAt)
      const isUsable = typeof opened === 'object' && !opened.isReadOnly
      const whyEnded = isUsable ? await this.#ended.whyEnded(opened.id) : opened
      if (whyEnded === null) return opened
      if (refused === 'unknown' || typeof whyEnded === 'object') refused = whyEnded
    }
    return refused
  }

  async #open(value: string, endedAt: number): Promise<LoadResult> {
    const known = this.#known(value)
    if (known) return this.#judge(known, endedAt) ?? known
    const opened = await this.#sealer.open(value)
    if (!opened.ok && opened.expired === undefined)
      return this.#isInUseElsewhere(opened.expiresAt) ? this.#closed(value, 'unknown') : 'unknown'
    const content = fromPayload(opened.ok ? opened.payload : opened.expired, this.#env.cookieName)
    if (!content) return 'unknown'
    if (!opened.ok) return this.#env.lifetime.whyOver(content.record, this.#env.now())
    const session = { value: flatCopy(value), ...content, ends: this.#env.lifetime.endsOf(content.record) }
    const refused = this.#judge(session, endedAt)
    if (refused) return refused
    this.#opened.set(endOf(session.value), session)
    return session
  }

  #known(value: string): KeptSession | undefined {
    const known = this.#opened.get(endOf(value))
    return known?.value === value ? known : undefined
  }

  /**
   * Whether a seal under a key that this process does not have was made within the last minutes, as when a new secret is
   * being deployed: then the session must not be replaced by what a visitor writes here.
   */
  #isInUseElsewhere(expiresAt: number | undefined): boolean {
    const { lifetime, now } = this.#env
    return expiresAt !== undefined && lifetime.wasJustRenewed(expiresAt, now())
  }

  /** A session that cannot be opened here: it reads as empty, and nothing but a login replaces it. */
  #closed(value: string, reason: EndReason): KeptSession {
    const now = this.#env.now()
    const record = { data: {}, createdAt: now, renewedAt: now, expiresAt: now, keptUntil: now }
    return { id: '', value, record, ends: this.#env.lifetime.endsOf(record), isReadOnly: true, reason }
  }

  /** Checked on every cache hit too, because time goes on. */
  #judge({ record, ends }: KeptSession, endedAt: number): EndReason | null {
    const now = this.#env.now()
    if (record.createdAt > now + CLOCK_SKEW_MS || record.renewedAt > now + CLOCK_SKEW_MS) return 'unknown'
    if (record.createdAt <= endedAt) return 'logged_out'
    return now < ends.expiresAt ? null : this.#env.lifetime.whyOver(record, now)
  }

  async #keep(
    id: string,
    data: Record<string, unknown>,
    createdAt: number,
    times?: RecordTimes,
  ): Promise<KeptSession> {
    const session = await this.#sealed(id, data, createdAt, times)
    this.#opened.set(endOf(session.value), session)
    return session
  }

  async #sealed(
    id: string,
    data: Record<string, unknown>,
    createdAt: number,
    times?: RecordTimes,
  ): Promise<KeptSession> {
    const { lifetime, now } = this.#env
    const begun = { data, createdAt }
    const { renewedAt, expiresAt } = times ?? lifetime.renewed(begun, now())
    const record: SessionRecord = { ...begun, renewedAt, expiresAt, keptUntil: expiresAt }
    const until = lifetime.sealedUntil(record, renewedAt)
    const value = await this.#sealer.seal(toPayload(id, record, this.#env.cookieName), until)
    return { id, value, record, ends: this.#env.lifetime.endsOf(record) }
  }
}

/** The digest at the end of a seal: hashing a whole one for a map, at each request, costs more than all else here. */
function endOf(value: string): string {
  return value.slice(-43)
}
