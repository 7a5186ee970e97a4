import { flatCopy } from '../base/flat-copy.ts'
import type { UserLike } from './user.ts'
import type { EndReason, LoginMethod, UserToken } from './user-token.ts'

/** An event, for logs, mails and alerts. It contains no secret, token, cookie or password. */
export type AuthEvent<User extends UserLike> = {
  /** When it happened, epoch milliseconds. */
  readonly at: number
  /** The client's address, if it is known. */
  readonly address?: string | undefined
  /** Who really acted, if this request is impersonating and has been authenticated. */
  readonly actor?: User['id'] | null | undefined
} & EventDetail<User>

/** An event as the code that emits it knows it. */
export type EventDetail<User extends UserLike> =
  | { readonly type: 'login'; readonly user: User; readonly method: LoginMethod }
  | {
      readonly type: 'login_failed'
      readonly username: string
      /**
       * `unreadable_hash`: the user has a stored hash that `passwords` cannot read (of another kind, cut, padded, or asking
       * for absurd amounts of work), so no password can be right. Missing otherwise. The visitor is not told.
       */
      readonly why?: 'unreadable_hash'
    }
  | { readonly type: 'login_throttled'; readonly username: string }
  | { readonly type: 'login_rejected'; readonly user: User; readonly reason: string }
  | { readonly type: 'logout'; readonly user: User | null }
  /** A session ended for what the user provider says, not by a logout, a revocation or time. */
  | { readonly type: 'session_ended'; readonly reason: EndReason; readonly userId?: User['id'] | undefined }
  | { readonly type: 'password_changed'; readonly user: User }
  | {
      readonly type: 'session_revoked'
      readonly userId: User['id']
      /** Who revoked it: the user, or an administrator. Missing if a limit did. */
      readonly actor?: User['id'] | null | undefined
      readonly reason: 'revoked' | 'revoked_others' | 'revoked_all' | 'too_many_sessions'
      /** The handle, if it was a single session. */
      readonly session?: string
    }
  | { readonly type: 'impersonation_started'; readonly user: User; readonly actor: User['id'] }
  | {
      readonly type: 'impersonation_ended'
      readonly userId: User['id']
      readonly actor: User['id']
      readonly reason: ImpersonationEnd
    }
  | {
      readonly type: 'cross_origin_refused'
      readonly reason: string
      /** The `Origin` that the request came with, at most 200 characters; `null` without one. */
      readonly origin: string | null
      /** The origin of this app, by the option `origin` or by the request's URL, at most 200 characters. */
      readonly expected: string
      /** What to set in `createAuth`, if the request was a good one. */
      readonly fix: string
    }
  | { readonly type: 'cross_origin_refused'; readonly reason: string }
  | { readonly type: 'migration_failed'; readonly reason: MigrationFailure }

/**
 * What went wrong with a session of the app's previous library (see `migrateSession`).
 *
 * - `read_failed` `read`, `findUser` or `dataOf` threw or took too long. The old cookie stays
 * - `no_user` it is readable, and `findUser` finds no user for it. Nothing is destroyed. Told once a minute for each old
 *   session
 * - `end_failed` `end` threw or took too long: the old record may still exist. Its cookie is removed
 */
export type MigrationFailure = 'read_failed' | 'no_user' | 'end_failed'

/** Why an impersonation ended. */
export type ImpersonationEnd =
  | 'exit'
  | 'login'
  | 'logout'
  | 'expired'
  | 'session_ended'
  | 'not_allowed'
  | 'user_missing'
  | 'user_disabled'

/**
 * Called with each event, at once. It is not awaited. An error that it throws changes nothing and is reported
 * to the console.
 */
export type EventListener<User extends UserLike> = (event: AuthEvent<User>) => unknown

/** Tells the app's listener about an event of this request. */
export type Emit<User extends UserLike> = (
  request: { readonly address?: string | undefined; readonly token?: UserToken<User> | undefined },
  event: EventDetail<User>,
) => void

/** Returns a function that calls `listener` with each event, or does nothing without one. */
export function emitter<User extends UserLike>(
  listener: EventListener<User> | undefined,
  now: () => number,
): Emit<User> {
  return ({ address: from, token }, detail) => {
    if (!listener) return
    // A listener may keep its events.
    const address = from === undefined ? undefined : flatCopy(from)
    const actor = token?.originalUserId ?? undefined
    tell(listener, { at: now(), address, actor, ...detail } as AuthEvent<User>)
  }
}

/**
 * Calls a listener and never throws: a login must not fail because a log is full. The report leaves out the
 * error, because its message may quote what we promised not to print.
 */
async function tell<User extends UserLike>(
  listener: EventListener<User>,
  event: AuthEvent<User>,
): Promise<void> {
  try {
    await listener(event)
  } catch {
    console.error(`latchkey: \`onEvent\` failed for the event "${event.type}".`)
  }
}
