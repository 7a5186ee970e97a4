import { andThen } from '../base/maybe-promise.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { isUsernameText } from '../password/credential-text.ts'
import { refuseUnusable, type UserLike } from '../user/user.ts'
import { attempt, type PasswordProof } from './attempt.ts'
import type { LoginOutcome } from './login-outcome.ts'
import type { ProvenPassword } from './proven-user.ts'

const INVALID = { ok: false, code: 'invalid_credentials' } as const

type Proof<User extends UserLike> =
  | ({ readonly ok: true } & ProvenPassword<User>)
  | Extract<LoginOutcome<User>, { readonly code: 'invalid_credentials' | 'throttled' }>

/** Finds the user with this name and this password. Throttled; every failure takes the same work. */
export async function prove<User extends UserLike>(
  proof: PasswordProof<User>,
  context: LoginContext<User>,
  username: unknown,
  password: unknown,
): Promise<Proof<User>> {
  if (!isUsernameText(username)) return INVALID
  const name = proof.normalizeUsername(username)
  // Folding can turn one character into 18 (U+FDFA under NFKC).
  if (!isUsernameText(name)) return INVALID
  const find = () =>
    andThen(proof.users.findByUsername(username), (user) => {
      // A list of rows, as some query builders give it, would look like a user without a password.
      if (Array.isArray(user)) refuseUnusable(user)
      return user
    })
  const { wait, proven } = await attempt(proof, context, { name, find }, password)
  if (wait > 0) return { ok: false, code: 'throttled', retryAfterSeconds: wait }
  return proven ? { ok: true, ...proven } : INVALID
}
