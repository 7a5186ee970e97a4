import type { MaybePromise } from '../base/maybe-promise.ts'
import type { Keyring } from '../crypto/keys.ts'
import type { EventDetail } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { EndReason } from '../user/user-token.ts'
import type { Lifetime } from './lifetime.ts'
import type { SessionPatch, SessionRecord } from './record.ts'

/** How many rotations one logout follows: more than can happen while one request is under way. */
export const MAX_HOPS = 100

/** A session as it was loaded or saved. */
export interface KeptSession {
  /** Its id: public for a sealed session, the hash of the token for a stored one. */
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
  /** Creates a session. */
  create(data: SessionPatch): MaybePromise<KeptSession>
  /** Saves a change and renews the session. Returns `null` if the session has ended meanwhile. */
  update(session: KeptSession, patch: SessionPatch): MaybePromise<KeptSession | null>
  /**
   * Moves the session to a new id; the old one is dead. If the session has ended meanwhile, only a login (a
   * patch that sets the user) goes on, with an empty session. Otherwise it returns `null`: a logout wins.
   */
  rotate(session: KeptSession, patch: SessionPatch): MaybePromise<KeptSession | null>
  /** Ends all sessions that these values open, at once. */
  end(values: readonly string[]): MaybePromise<void>
  /** Ends the session if it has no data left. Returns whether it did. */
  endIfEmpty(session: KeptSession): MaybePromise<boolean>
  isRenewalDue(session: KeptSession): boolean
  /** What a login stores about itself, for the device list. */
  about?(visit: Pick<Visit, 'request' | 'address'>): SessionPatch
  /** Called before a login, after all guards. Returns a reason to reject it, or nothing. */
  rejection?(visit: Visit, user: UserLike): MaybePromise<string | undefined>
  /** The device list for one request. Missing if sessions cannot be listed. */
  devices?(visit: Visit): Devices
}

/** One request, as a session kind sees it. */
export interface Visit {
  readonly request: Request
  readonly address: string | undefined
  readonly session: {
    /** The id of the session that this request came with; `null` if there is none. */
    currentId(): MaybePromise<string | null>
    /** Waits for the store. Time spent in vain is not spent again when the session is ended. */
    waitFor<T>(answer: Promise<T>): Promise<T>
  }
  /** The user of this request, or `null`. */
  userId(): MaybePromise<UserLike['id'] | null>
  /** Who really acts if this request is impersonating; otherwise the same as `userId`. */
  actorId(): MaybePromise<UserLike['id'] | null>
  /** Returns a check of session hashes against this user as they are now. */
  validity(userId: UserLike['id']): Promise<(hash: unknown) => MaybePromise<boolean>>
  /** Logs this request's session out. */
  end(): Promise<void>
}

/** What a session kind is built from. */
export interface SessionEnvironment {
  readonly keyring: Keyring
  /** The cookie's name without its prefix. Sessions made under another cookie name are rejected. */
  readonly cookieName: string
  readonly lifetime: Lifetime
  readonly now: () => number
  readonly timeLimitSeconds: number
  readonly emit: (event: EventDetail<UserLike>, address?: string) => void
}

/**
 * The `sessions` option, as `sealedSessions()` and `storedSessions(store)` return it. `Devices` is the type
 * of `auth.devices`: a device list over a store that can list sessions, otherwise `undefined`.
 */
export type SessionStrategy<Devices = unknown> = (environment: SessionEnvironment) => SessionKind<Devices>
