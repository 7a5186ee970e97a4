import type { MaybePromise } from '../base/maybe-promise.ts'
import type { Keyring } from '../crypto/keys.ts'
import type { EventDetail } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { EndReason } from '../user/user-token.ts'
import type { Lifetime } from './lifetime.ts'
import type { SessionPatch, SessionRecord } from './record.ts'

/** Rotations that one logout follows: more than happen while one request is under way. */
export const MAX_HOPS = 100

/** A session as it is kept. */
export interface KeptSession {
  /** Its id: public for a sealed session, the hash of the token for a stored one. */
  readonly id: string
  /** The cookie value that opens it. */
  readonly value: string
  readonly record: SessionRecord
  /** Reached under an id that a rotation has left behind: shows the session, and cannot change it. */
  readonly isReadOnly?: true
}

export type LoadResult = KeptSession | EndReason

/**
 * What sealed and stored sessions differ in. Everything above it (what was read, what changed, which cookie goes
 * out) is one piece of code, `RequestSession`. Cookie values come from the visitor and may be anything.
 */
export interface SessionKind<Devices = unknown> {
  /** The first value that opens a live session; otherwise the reason why the last one did not. */
  load(values: readonly string[]): MaybePromise<LoadResult>
  /** Makes a session. */
  create(data: SessionPatch): MaybePromise<KeptSession>
  /** Keeps a change and renews; `null` when the session has ended meanwhile. */
  update(session: KeptSession, patch: SessionPatch): MaybePromise<KeptSession | null>
  /**
   * Moves the session to a new id; the old one is dead. When it has ended meanwhile, only a login (a patch that
   * names the user) goes on, from nothing; otherwise `null`: a logout wins.
   */
  rotate(session: KeptSession, patch: SessionPatch): MaybePromise<KeptSession | null>
  /** Ends whatever sessions these values open, at once. */
  end(values: readonly string[]): MaybePromise<void>
  /** Ends the session if nothing is left in it; whether it did. */
  endIfEmpty(session: KeptSession): MaybePromise<boolean>
  isRenewalDue(session: KeptSession): boolean
  /** What a login keeps beside who it is, for a list of devices. */
  about?(visit: Pick<Visit, 'request' | 'address'>): SessionPatch
  /** Asked before a login, after all guards: a reason to refuse it, or nothing. */
  rejection?(visit: Visit, user: UserLike): MaybePromise<string | undefined>
  /** The list of devices, as one request has it. Left out by what cannot list. */
  devices?(visit: Visit): Devices
}

/** One request, as a kind of session sees it. */
export interface Visit {
  readonly request: Request
  readonly address: string | undefined
  readonly session: {
    /** The id of the kept session that this request came with, once it was loaded. */
    currentId(): MaybePromise<string | null>
    /** Waits for the store; what it waits in vain is not waited for once more when the session is ended. */
    waitFor<T>(answer: Promise<T>): Promise<T>
  }
  /** The user of this request, or `null`. */
  userId(): MaybePromise<UserLike['id'] | null>
  /** Who is really there, if he acts as that user; otherwise the same. */
  actorId(): MaybePromise<UserLike['id'] | null>
  /** Whether a session hash is one of this user as he is now. */
  validity(userId: UserLike['id']): Promise<(hash: unknown) => MaybePromise<boolean>>
  /** Logs this request's session out. */
  end(): Promise<void>
}

/** What a kind of session is built from. */
export interface SessionEnvironment {
  readonly keyring: Keyring
  /** The cookie's name without prefix. A session of another name is none of ours. */
  readonly cookieName: string
  readonly lifetime: Lifetime
  readonly now: () => number
  readonly timeLimitSeconds: number
  readonly emit: (event: EventDetail<UserLike>, address?: string) => void
}

/**
 * The `sessions` option: what `sealedSessions()` and `storedSessions(store)` give. `Devices` is what `auth.devices`
 * is: a list of devices over a store that can list, otherwise `undefined`.
 */
export type SessionStrategy<Devices = unknown> = (environment: SessionEnvironment) => SessionKind<Devices>
