import type { MaybePromise } from '../base/maybe-promise.ts'
import type { Keyring } from '../crypto/keys.ts'
import type { Emit } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { EndReason } from '../user/user-token.ts'
import type { DeviceIndex } from './devices/device-index.ts'
import type { Lifetime } from './lifetime.ts'
import type { SessionPatch, SessionRecord } from './record.ts'
import type { SessionHash } from './session-hash.ts'

/** A session as it was loaded or saved. */
export interface KeptSession {
  /** Its id: public for a sealed session, the hash of the cookie's value for a stored one. */
  readonly id: string
  /** The cookie value that opens it. */
  readonly value: string
  readonly record: SessionRecord
  /** Loaded under an id that a rotation has left behind: it can be read, and not changed. */
  readonly isReadOnly?: true
}

export type LoadResult = KeptSession | EndReason

/**
 * What differs between sealed and stored sessions. Everything above it (what was read, what changed, which
 * cookie is sent) is in `RequestSession`. Cookie values come from the client and may be anything.
 */
export interface SessionKind<Devices = unknown> {
  /** Loads the session of the first value that opens one. Otherwise returns why the last value did not. */
  load(values: readonly string[]): MaybePromise<LoadResult>
  /** Creates a session: a visitor's, or that of the user `loginOf`, who has just logged in. */
  create(data: SessionPatch, loginOf?: UserLike['id']): MaybePromise<KeptSession>
  /** Saves a change and renews the session. Returns `null` if the session has ended meanwhile. */
  update(session: KeptSession, patch: SessionPatch): MaybePromise<KeptSession | null>
  /**
   * Moves the session to a new id; the old one is dead. If the session has ended meanwhile, only a login (of the user
   * `loginOf`) goes on, with an empty session. Otherwise it returns `null`: a logout wins.
   */
  rotate(
    session: KeptSession,
    patch: SessionPatch,
    loginOf?: UserLike['id'],
  ): MaybePromise<KeptSession | null>
  /**
   * The session that would be saved for these data, to see whether its cookie is too large. Saves nothing. Missing where
   * the data are not in the cookie.
   */
  trial?(data: SessionPatch): Promise<KeptSession>
  /** Ends all sessions that these values open, at once. */
  end(values: readonly string[]): MaybePromise<void>
  /** Ends the session if it has no data left. Returns whether it did. */
  endIfEmpty(session: KeptSession): MaybePromise<boolean>
  isRenewalDue(session: KeptSession): boolean
  /** The sessions of a user. Missing if sessions cannot be listed. */
  readonly devices?: DeviceIndex<Devices>
}

/** What a session kind is built from. */
export interface SessionEnvironment {
  readonly keyring: Keyring
  /** The cookie's name without its prefix. Sessions made under another cookie name are rejected. */
  readonly cookieName: string
  readonly lifetime: Lifetime
  readonly now: () => number
  readonly timeLimitSeconds: number
  readonly users: Pick<UserProvider<UserLike>, 'findById'>
  readonly sessionHash: SessionHash
  readonly emit: Emit<UserLike>
}

/**
 * The `sessions` option, as `sealedSessions()` and `storedSessions(store)` return it. `Devices` is the type
 * of `auth.devices`: a device list over a store that can list sessions, otherwise `undefined`.
 */
export type SessionStrategy<Devices = unknown> = (environment: SessionEnvironment) => SessionKind<Devices>
