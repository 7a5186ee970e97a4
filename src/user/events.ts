import type { UserLike } from './user.ts'
import type { EndReason, LoginMethod } from './user-token.ts'

/** What happened, for logs, mails and alarms. Holds no secret, token, cookie or password. */
export type AuthEvent<User extends UserLike> = {
  readonly at: number
  readonly address?: string | undefined
  /** Who really did it, where he acts as somebody else and this request has been asked who it is. */
  readonly actor?: User['id'] | null | undefined
} & EventDetail<User>

/** An event as the code that raises it knows it. */
export type EventDetail<User extends UserLike> =
  | { readonly type: 'login'; readonly user: User; readonly method: LoginMethod }
  | { readonly type: 'login_failed'; readonly username: string }
  | { readonly type: 'login_throttled'; readonly username: string }
  | { readonly type: 'login_rejected'; readonly user: User; readonly reason: string }
  | { readonly type: 'logout'; readonly user: User | null }
  | { readonly type: 'session_ended'; readonly reason: EndReason; readonly userId?: User['id'] | undefined }
  | { readonly type: 'password_changed'; readonly user: User }
  | {
      readonly type: 'session_revoked'
      readonly userId: User['id']
      /** Who did it: the user himself, or an administrator. Nobody, where a limit did. */
      readonly actor?: User['id'] | null | undefined
      readonly reason: 'revoked' | 'revoked_others' | 'revoked_all' | 'too_many_sessions'
      /** The handle, where it was one session. */
      readonly session?: string
    }
  | { readonly type: 'impersonation_started'; readonly user: User; readonly actor: User['id'] }
  | {
      readonly type: 'impersonation_ended'
      readonly userId: User['id']
      readonly actor: User['id']
      readonly reason: ImpersonationEnd
    }
  | { readonly type: 'cross_origin_refused'; readonly reason: string }

/** Why somebody no longer acts as somebody else. */
export type ImpersonationEnd =
  | 'exit'
  | 'login'
  | 'logout'
  | 'expired'
  | 'session_ended'
  | 'not_allowed'
  | 'user_missing'
  | 'user_disabled'

/** Told of each event, at once. Not waited for; what it throws changes nothing and is reported to the console. */
export type EventListener<User extends UserLike> = (event: AuthEvent<User>) => unknown

/**
 * Tells a listener, whatever it does: a login must not fail because a log was full. Complains without the error, whose
 * message may quote what we promised not to print.
 */
export async function tell<User extends UserLike>(
  listener: EventListener<User>,
  event: AuthEvent<User>,
): Promise<void> {
  try {
    await listener(event)
  } catch {
    console.error(`latchkey: the event listener failed at "${event.type}".`)
  }
}
