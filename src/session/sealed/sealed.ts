import { BoundedMap } from '../../base/bounded-map.ts'
import { flatCopy } from '../../base/flat-copy.ts'
import type { MaybePromise } from '../../base/maybe-promise.ts'
import { checkCount, refuseUnknown } from '../../base/options.ts'
import { randomToken } from '../../crypto/random.ts'
import { Sealer } from '../../crypto/seal.ts'
import type { UserLike } from '../../user/user.ts'
import type { EndReason } from '../../user/user-token.ts'
import { USER_ID } from '../keys.ts'
import { CLOCK_SKEW_MS } from '../lifetime.ts'
import { patched, type SessionPatch, type SessionRecord } from '../record.ts'
import type { RecordStore } from '../record-store.ts'
import type {
  KeptSession,
  LoadResult,
  SessionEnvironment,
  SessionKind,
  SessionStrategy,
} from '../session-kind.ts'
import { Revocation } from './revocation.ts'
import { fromPayload, toPayload } from './seal-payload.ts'

/** Options of {@link sealedSessions}. */
export interface SealedSessionOptions {
  /**
   * A record store that lists ended sessions until they would have expired, so that a logout ends copies of
   * the cookie too. All processes must share it. Costs one read per request.
   *
   * Default: none. Then **a logout cannot end a copy of the cookie that someone else holds**; raising the
   * user's session epoch can.
   */
  readonly revocation?: RecordStore
  /**
   * How many opened seals are cached, so that the same cookie is not decrypted on every request. Each entry
   * holds one cookie and its data. Default 5,000; 0 opens the seal on every request (about 0.3 ms).
   */
  readonly sealCacheSize?: number
}

const END_REASONS = {
  malformed: 'malformed',
  forged: 'malformed',
  unknown_key: 'unknown',
  expired: 'expired',
} as const

/**
 * Sessions that travel inside an encrypted cookie: no store to run. Parallel writers overwrite each other
 * (the last cookie wins), and a whole session must fit into 4,096 bytes.
 *
 * @throws LatchkeyError `invalid_configuration` for a wrong or unknown option.
 */
export function sealedSessions(options: SealedSessionOptions = {}): SessionStrategy<undefined> {
  const { sealCacheSize = 5000, revocation, ...unknown } = options
  refuseUnknown(unknown)
  checkCount('sealCacheSize', sealCacheSize, 0)
  return (environment) => new SealedSessions(sealCacheSize, revocation, environment)
}

class SealedSessions implements SessionKind<undefined> {
  readonly #revocation: Revocation | undefined
  readonly #env: SessionEnvironment
  readonly #sealer: Sealer
  readonly #opened: BoundedMap<string, KeptSession>

  constructor(sealCacheSize: number, revocation: RecordStore | undefined, environment: SessionEnvironment) {
    this.#revocation = revocation && new Revocation(revocation, environment)
    this.#env = environment
    this.#sealer = new Sealer(environment.keyring, environment.now)
    this.#opened = new BoundedMap(sealCacheSize, ({ value }) => value)
  }

  load(values: readonly string[]): MaybePromise<LoadResult> {
    const only = values.length === 1 ? this.#opened.get(values[0] as string) : undefined
    return only && !this.#revocation ? (this.#judge(only) ?? only) : this.#loadFrom(values)
  }

  create(data: SessionPatch): Promise<KeptSession> {
    return this.#keep(randomToken(), patched({}, data), this.#env.now())
  }

  async update(session: KeptSession, patch: SessionPatch): Promise<KeptSession | null> {
    if (await this.#revocation?.has(session.id)) return null
    return this.#keep(session.id, patched(session.record.data, patch), session.record.createdAt)
  }

  /**
   * Lists the old id as ended together with the new one, so that a logout under the old id finds the new
   * session.
   */
  async rotate(
    session: KeptSession,
    patch: SessionPatch,
    loginOf?: UserLike['id'],
  ): Promise<KeptSession | null> {
    const { data, createdAt } = session.record
    const isLogin = loginOf !== undefined
    const id = randomToken()
    const next = data[USER_ID] === undefined ? null : id
    const claimed =
      (await this.#revocation?.add(session.id, createdAt, { kind: isLogin ? 'login' : 'rotation', next })) ??
      true
    if (!claimed && !isLogin) return null
    return this.#keep(id, patched(claimed ? data : {}, patch), isLogin ? this.#env.now() : createdAt)
  }

  trial(data: SessionPatch): Promise<KeptSession> {
    return this.#sealed(randomToken(), patched({}, data), this.#env.now())
  }

  async end(values: readonly string[]): Promise<void> {
    if (!this.#revocation) return
    for (const value of values) {
      const session = await this.#open(value)
      if (typeof session === 'object') await this.#revocation.endChain(session.id)
    }
  }

  async endIfEmpty({ id, record }: KeptSession): Promise<boolean> {
    await this.#revocation?.add(id, record.createdAt)
    return true
  }

  isRenewalDue(session: KeptSession): boolean {
    return this.#env.lifetime.isRenewalDue(session.record, this.#env.now())
  }

  async #loadFrom(values: readonly string[]): Promise<LoadResult> {
    let reason: EndReason = 'unknown'
    for (const value of values) {
      const opened = await this.#open(value)
      if (typeof opened === 'string') reason = opened
      else if (await this.#revocation?.has(opened.id)) reason = 'revoked'
      else return opened
    }
    return reason
  }

  async #open(value: string): Promise<LoadResult> {
    const known = this.#opened.get(value)
    if (known) return this.#judge(known) ?? known
    const opened = await this.#sealer.open(value)
    if (!opened.ok) return END_REASONS[opened.reason]
    const content = fromPayload(opened.payload, this.#env.cookieName)
    if (!content) return 'malformed'
    const session = { value: flatCopy(value), ...content }
    const refused = this.#judge(session)
    if (refused) return refused
    this.#opened.set(session.value, session)
    return session
  }

  /** Checked on every cache hit too, because time goes on. */
  #judge({ record }: KeptSession): EndReason | null {
    const now = this.#env.now()
    if (record.createdAt > now + CLOCK_SKEW_MS || record.renewedAt > now + CLOCK_SKEW_MS) return 'malformed'
    return this.#env.lifetime.isLive(record, now) ? null : 'expired'
  }

  async #keep(id: string, data: Record<string, unknown>, createdAt: number): Promise<KeptSession> {
    const session = await this.#sealed(id, data, createdAt)
    this.#opened.set(session.value, session)
    return session
  }

  async #sealed(id: string, data: Record<string, unknown>, createdAt: number): Promise<KeptSession> {
    const record: SessionRecord = {
      data,
      createdAt,
      ...this.#env.lifetime.renewed(createdAt, this.#env.now()),
    }
    const value = await this.#sealer.seal(toPayload(id, record, this.#env.cookieName), record.expiresAt)
    return { id, value, record }
  }
}
