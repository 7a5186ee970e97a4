import type { LoginContext } from '../identity/login-context.ts'
import { AUTH_TIME, USER_ID } from '../session/keys.ts'
import { CLOCK_SKEW_MS } from '../session/lifetime.ts'
import type { UserLike } from '../user/user.ts'
import { type AuthenticatedToken, authenticatedToken } from '../user/user-token.ts'
import { attempt, type PasswordProof } from './attempt.ts'

/** The result of asking a logged-in user for their password again. */
export type ReauthenticateOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'invalid_credentials' }
  /** Not available while impersonating. */
  | { readonly ok: false; readonly code: 'impersonating' }
  | { readonly ok: false; readonly code: 'throttled'; readonly retryAfterSeconds: number }

/**
 * Checks the password of this session's user again. If it is right, the login is fresh, under a new session
 * id; a logout that came in between wins. Attempts share the count of the login form, so that an open browser cannot be
 * used for guessing.
 */
export async function reauthenticate<User extends UserLike>(
  { proof, now }: { readonly proof: PasswordProof<User>; readonly now: () => number },
  context: LoginContext<User>,
  token: AuthenticatedToken<User>,
  password: unknown,
): Promise<ReauthenticateOutcome> {
  const { user, state } = token
  if (state === 'impersonator') return { ok: false, code: 'impersonating' }
  const { wait, proven } = await attempt(
    proof,
    context,
    { name: String(user.id), find: () => user },
    password,
  )
  if (wait > 0) return { ok: false, code: 'throttled', retryAfterSeconds: wait }
  if (!proven) return { ok: false, code: 'invalid_credentials' }

  const authTime = now()
  const { session } = context
  // With a token, this re-authenticates the request only: a session beside it may be someone else's.
  const isOwn = (await session.get(USER_ID)) === user.id
  if (isOwn) {
    await session.regenerateId()
    await session.set(AUTH_TIME, authTime)
  }
  const { expiresAt = token.expiresAt, absoluteExpiresAt = token.absoluteExpiresAt } = isOwn ? session : {}
  context.token = authenticatedToken({ ...token, authTime, expiresAt, absoluteExpiresAt })
  return { ok: true }
}

/** Whether the user proved their identity within the fresh window. Check it before irreversible actions. */
export function isFresh(
  { state, authTime }: AuthenticatedToken<UserLike>,
  now: number,
  freshSeconds: number,
): boolean {
  const age = now - authTime
  return state === 'fresh' && age > -CLOCK_SKEW_MS && age < freshSeconds * 1000
}
