import type { LoginContext } from '../identity/login-context.ts'
import type { UserLike } from '../user/user.ts'
import type { PasswordProof } from './attempt.ts'
import { completeLogin, type LoginTail, lifetimeOf } from './complete-login.ts'
import type { LoginOptions, LoginOutcome } from './login-outcome.ts'
import { prove } from './prove-password.ts'
import { upgradeHash } from './upgrade-hash.ts'

/** What a login by password uses: how a password is proven, and the end that all logins share. */
export interface PasswordLogin<User extends UserLike> {
  readonly proof: PasswordProof<User>
  readonly tail: LoginTail<User>
}

/**
 * Logs in by username and password. A value that is not a string, or could not be a name or a password, never
 * reaches the user provider. An unknown user, a user without a password and a wrong password have the same
 * outcome, after the same work.
 */
export async function login<User extends UserLike>(
  { proof, tail }: PasswordLogin<User>,
  context: LoginContext<User>,
  username: unknown,
  password: unknown,
  options: LoginOptions<User> = {},
): Promise<LoginOutcome<User>> {
  // Before any password: an error that only the right one brings would tell that it is right.
  lifetimeOf(tail, context, options)
  const proven = await prove(proof, context, username, password)
  if (!proven.ok) return proven
  const { user } = proven
  const method = options.method ?? 'password'
  const outcome = await completeLogin(tail, context, user, { ...options, method })
  if (outcome.ok) await upgradeHash(proof, context, proven, password as string)
  return outcome
}
