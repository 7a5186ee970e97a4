import type { LoginContext } from '../identity/login-context.ts'
import { isPasswordText, isUsernameText } from '../password/credential-text.ts'
import type { PasswordVerifier } from '../password/password-verifier.ts'
import type { Emit } from '../user/events.ts'
import type { UserLike } from '../user/user.ts'
import type { UserProvider } from '../user/user-provider.ts'
import type { LoginOutcome } from './login-outcome.ts'
import { attempt, type Throttle } from './throttle.ts'

const INVALID = { ok: false, code: 'invalid_credentials' } as const

/** What proving a password uses. */
export interface PasswordProof<User extends UserLike> {
  readonly users: Pick<UserProvider<User>, 'findByUsername' | 'upgradeHash'>
  readonly passwords: PasswordVerifier
  /** Missing without a throttle. */
  readonly throttle: Throttle | undefined
  readonly normalizeUsername: (username: string) => string
  readonly emit: Emit<User>
}

type Proof<User extends UserLike> =
  | { readonly ok: true; readonly user: User }
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
  const text = isPasswordText(password) ? password : null
  const { wait, proven } = await attempt(
    proof,
    context,
    { account: `login:${name}`, username: name },
    async () => {
      if (text === null) return null
      const user = await proof.users.findByUsername(username)
      return provenUser(proof.passwords, user ?? null, text)
    },
  )
  if (wait > 0) return { ok: false, code: 'throttled', retryAfterSeconds: wait }
  return proven ? { ok: true, user: proven } : INVALID
}

/** Returns the user if this is their password, otherwise `null`, after as much work as for any other user. */
export async function provenUser<User extends UserLike>(
  passwords: PasswordVerifier,
  user: User | null,
  password: string,
): Promise<User | null> {
  const hashed = user?.hashedPassword
  if (typeof hashed === 'string' && hashed !== '' && passwords.canVerify?.(hashed) !== false) {
    return (await passwords.verify(password, hashed)) === true ? user : null
  }
  await passwords.verify(password, await dummyHash(passwords))
  return null
}

const dummies = /* @__PURE__ */ new WeakMap<object, string>()

/**
 * A hash of a random text, made once per verifier. The hash is cached and not the promise of it: in Workers a
 * request must not wait for the work of another.
 */
async function dummyHash(passwords: PasswordVerifier): Promise<string> {
  const known = passwords.dummyHash ?? dummies.get(passwords)
  if (known !== undefined) return known
  const dummy = (await passwords.hash?.(crypto.randomUUID())) ?? ''
  dummies.set(passwords, dummy)
  return dummy
}
