import type { BoundedMap } from '../base/bounded-map.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import type { Keyring } from '../crypto/keys.ts'
import type { Emit } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { EndReason } from '../user/user-token.ts'
import type { DeviceIndex } from './devices/device-index.ts'
import type { Lifetime, SessionEnds } from './lifetime.ts'
import type { SessionPatch, SessionRecord } from './record.ts'
import type { RecordStore } from './record-store.ts'
import type { SessionHash } from './session-hash.ts'

/** A session as it was loaded or saved. */
export interface KeptSession {
  /** Its id: public for a sealed session, the hash of the cookie's value for a stored one. */
  readonly id: string
  /** The cookie value that opens it. */
  readonly value: string
  readonly record: SessionRecord
  /** When it ends, under the configuration in force. */
  readonly ends: SessionEnds
  /** It can be read, and not changed, except by a login: the old id of a rotation, or a seal that is not ours to open. */
  readonly isReadOnly?: true
  /** When the store was read, epoch milliseconds. Saves a second reading of the clock. Missing for sealed sessions. */
  readonly readAt?: number
  /** Why it is not what it was, if it is read-only for a reason that the request is told. */
  readonly reason?: EndReason
}

/** What is needed of a session to end it by its id. */
export interface SessionEnd extends Pick<KeptSession, 'id'> {
  /** When it began, whose it is and how long it may live. */
  readonly record: Pick<SessionRecord, 'createdAt' | 'data'>
}

/** How a session begins. */
export interface Beginning {
  /** The user who has just logged in. Missing for a visitor's session. */
  readonly loginOf?: UserLike['id'] | undefined
  /** The earliest time at which a sealed session may begin: any earlier one is over in this browser. */
  readonly notBefore: number
  /** When a sealed session begins, if that is earlier than now. */
  readonly from?: number | undefined
  /** Whether a session that goes on is renewed. A login always is. */
  readonly renews: boolean
  /** The session goes on, but under its old id it must not come back: an impersonation was left. */
  readonly isLeaving?: boolean
  /** Throws if no cookie can hold the session. Called before the one that it replaces is ended. */
  check(kept: KeptSession): unknown
}

/** What became of sessions that were ended. */
export interface SessionsEnded {
  /** When the latest of them began, epoch milliseconds, if the kind can tell. */
  readonly beganAt?: number | undefined
  /** Settles when their reason was noted, or could not be. Never rejects. */
  readonly noted?: Promise<unknown>
}

export type LoadResult = KeptSession | EndReason

/**
 * What differs between sealed and stored sessions. Everything above it (what was read, what changed, which
 * cookie is sent) is in `RequestSession`. Cookie values come from the client and may be anything.
 */
export interface SessionKind<Devices = unknown> {
  /** How long sessions live. */
  readonly lifetime: Lifetime
  /** Whether the browser has to be told, in a cookie, when a session ended. Stored sessions end in their store. */
  readonly tellsEnd: boolean
  /**
   * When a request of this process has last found a session good that was due to be renewed, by its id. Until that request
   * has renewed it, a parallel one would take it for one that is not in use.
   */
  readonly foundGood: BoundedMap<string, number>
  /**
   * Loads the session of the first value that opens one. Otherwise returns why the last value did not.
   *
   * @param endedAt When a session of this browser last ended; 0 if none did.
   */
  load(values: readonly string[], endedAt: number): MaybePromise<LoadResult>
  /** Creates a session. */
  create(data: SessionPatch, begin: Beginning): MaybePromise<KeptSession>
  /**
   * Saves a change, and renews the session if `renews`. Returns `null` if the session has ended meanwhile.
   */
  update(session: KeptSession, patch: SessionPatch, renews: boolean): MaybePromise<KeptSession | null>
  /**
   * Moves the session to a new id. If the session has ended meanwhile, only a login goes on, with an empty session.
   * Otherwise it returns `null`: a logout wins.
   */
  rotate(session: KeptSession, patch: SessionPatch, begin: Beginning): MaybePromise<KeptSession | null>
  /**
   * The session that would be saved for these data, to see whether its cookie is too large. Saves nothing. Missing where
   * the data are not in the cookie.
   */
  trial?(data: SessionPatch): Promise<KeptSession>
  /** Ends all sessions that these values open, at once. */
  end(values: readonly string[], reason: EndReason): MaybePromise<SessionsEnded>
  /** Ends a session by its id, with what rotations have made of it. */
  endKept(session: SessionEnd, reason: EndReason): MaybePromise<unknown>
  /** Ends the session if it has no data left. Returns whether it did. */
  endIfEmpty(session: KeptSession): MaybePromise<boolean>
  /**
   * The store, with a time limit on each call, for what happens only once in all processes. Missing where there is none,
   * and where it is eventually consistent.
   */
  readonly records?: RecordStore | undefined
  /** What its list of ended logins takes in this process, in bytes. Missing without one. */
  readonly bytes?: number
  /** The sessions of a user. Missing if sessions cannot be listed. */
  readonly devices?: DeviceIndex<Devices>
}

/** What a session kind is built from. */
export interface SessionEnvironment {
  readonly keyring: Keyring
  /** Keeps apps and tenants apart that share a secret and a store; `''` for none. */
  readonly namespace: string
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
