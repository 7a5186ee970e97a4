import type { Keyring } from '../crypto/keys.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { Lifetime } from './lifetime.ts'
import type { Patch, SessionRecord } from './record.ts'

/** Why what the visitor's cookie held is no session. */
export type SessionEndReason = 'malformed' | 'unknown' | 'expired' | 'revoked'

/** Rotations that one logout follows: more than happen while one request is under way. */
export const MAX_HOPS = 100

/** A session as it is kept. */
export interface KeptSession {
  /** Its id: public for a sealed session, the hash of the token for a stored one. */
  readonly id: string
  /** The cookie value that opens it. */
  readonly value: string
  readonly record: SessionRecord
}

export type LoadResult = KeptSession | SessionEndReason

/**
 * What sealed and stored sessions differ in. Everything above it (what was read, what changed, which cookie goes
 * out) is one piece of code, `RequestSession`. Cookie values come from the visitor and may be anything.
 */
export interface SessionKind {
  /** The first value that opens a live session; otherwise the reason why the last one did not. */
  load(values: readonly string[]): MaybePromise<LoadResult>
  /** Makes a session. */
  create(data: Patch): MaybePromise<KeptSession>
  /** Keeps a change and renews; `null` when the session has ended meanwhile. */
  update(session: KeptSession, patch: Patch): MaybePromise<KeptSession | null>
  /**
   * Moves the session to a new id; the old one is dead. When it has ended meanwhile, only a login (a patch that
   * names the user) goes on, from nothing; otherwise `null`: a logout wins.
   */
  rotate(session: KeptSession, patch: Patch): MaybePromise<KeptSession | null>
  /** Ends whatever sessions these values open, at once. */
  end(values: readonly string[]): MaybePromise<void>
  /** Ends the session if nothing is left in it; whether it did. */
  endIfEmpty(session: KeptSession): MaybePromise<boolean>
  isRenewalDue(session: KeptSession): boolean
}

/** What a kind of session is built from. */
export interface SessionEnvironment {
  readonly keyring: Keyring
  /** The cookie's name without prefix. A session of another name is none of ours. */
  readonly cookieName: string
  readonly lifetime: Lifetime
  readonly now: () => number
  readonly timeLimitSeconds: number
}

/** The `sessions` option: what `sealedSessions()` and `storedSessions(store)` give. */
export type Sessions = (environment: SessionEnvironment) => SessionKind
