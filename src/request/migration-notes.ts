import type { MaybePromise } from '../base/maybe-promise.ts'
import { sha256Base64url } from '../crypto/digest.ts'
import { OWN_LIFETIME, USER_ID } from '../session/keys.ts'
import type { SessionRecord } from '../session/record.ts'
import type { RecordStore } from '../session/record-store.ts'
import type { SessionEnd } from '../session/session-kind.ts'

/** For how long it is known what an old session has become: longer than tabs that are restored together take. */
const NOTE_MS = 60_000

/**
 * What old sessions have become, by a digest of the old cookie's value. Only values that the previous library accepts are
 * noted, so that strangers cannot fill the store.
 *
 * A note begins as a claim, which is empty. `create` gives it to one request of all processes. It then says which session
 * that request has begun, or that there is none. The mark of a note says that the old session has ended.
 */
export class MigrationNotes {
  readonly #store: RecordStore
  readonly #scope: string
  readonly #now: () => number

  constructor(store: RecordStore, scope: string, now: () => number) {
    this.#store = store
    this.#scope = scope
    this.#now = now
  }

  /** The id of the note about an old cookie value. */
  idOf(value: string): string {
    return `migrated:${sha256Base64url(`${this.#scope}=${value}`)}`
  }

  read(id: string): MaybePromise<SessionRecord | null> {
    return this.#store.read(id)
  }

  /** Claims an old session. Returns `null` if this call got it, otherwise the note of the one that did. */
  async claim(id: string): Promise<SessionRecord | null> {
    const claim = { data: {}, ...this.#times() }
    if (await this.#store.create(id, claim)) return null
    // Given up or over in between: the next request claims it.
    return (await this.#store.read(id)) ?? claim
  }

  /** Gives the claim up, unless the old session has ended meanwhile. */
  async release(id: string): Promise<void> {
    await this.#store.delete(id, { ifEmpty: true })
  }

  /** Notes that the old session logs no one in. */
  async refuse(id: string): Promise<void> {
    await this.#store.update(id, { refused: true }, this.#times())
  }

  /** Notes the session that has been begun. Returns `false` if the old one has ended meanwhile. */
  async settle(id: string, { id: begun, record: { createdAt, data } }: SessionEnd): Promise<boolean> {
    const session = {
      id: begun,
      record: { createdAt, data: { [USER_ID]: data[USER_ID], [OWN_LIFETIME]: data[OWN_LIFETIME] } },
    }
    if (await this.#store.update(id, { session }, this.#times())) return true
    return !(await this.#store.read(id))?.mark
  }

  /** Notes for `seconds` that the old session has ended. Returns the session that has been begun in its place. */
  async end(id: string, seconds: number): Promise<SessionEnd | undefined> {
    const now = this.#now()
    const keptUntil = now + seconds * 1000
    const mark = { kind: 'ended', readableUntil: now, next: null } as const
    const ended = { data: {}, createdAt: now, renewedAt: now, expiresAt: now, keptUntil, mark }
    // Again if a claim was made in between. It is made only once, as it ends or is forgotten.
    for (let tries = 0; tries < 3; tries++) {
      const before = await this.#store.supersede(id, mark, keptUntil)
      if (before) return before.data.session as SessionEnd | undefined
      if (await this.#store.create(id, ended)) break
      if ((await this.#store.read(id))?.mark) break
    }
    return undefined
  }

  #times(): Pick<SessionRecord, 'createdAt' | 'renewedAt' | 'expiresAt' | 'keptUntil'> {
    const now = this.#now()
    return { createdAt: now, renewedAt: now, expiresAt: now + NOTE_MS, keptUntil: now + NOTE_MS }
  }
}
