import { LatchkeyError } from '../base/errors.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { isCleanText, isPasswordText } from '../password/password-verifier.ts'
import { passwordStamp } from '../password/stamp.ts'
import type { UserLike } from '../user/user.ts'
import { completeLogin } from './complete-login.ts'
import type { LoginOptions, LoginOutcome } from './login-outcome.ts'
import type { LoginSettings } from './login-settings.ts'

/** Longer than any e-mail address (RFC 5321, 4.5.3.1: 64 + 1 + 255). What is kept per attempt stays small. */
const MAX_USERNAME_LENGTH = 320
const INVALID = { ok: false, code: 'invalid_credentials' } as const

/**
 * Logs in by username and password. A value that is not a string, or could not be a name or a password, never
 * reaches the user provider. An unknown user, a user without a password and a wrong password have the same
 * outcome, after the same work.
 */
export async function login<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  username: unknown,
  password: unknown,
  options: LoginOptions<User> = {},
): Promise<LoginOutcome<User>> {
  const proof = await prove(settings, context, username, password)
  if (!proof.ok) return proof
  const method = options.method ?? 'password'
  const outcome = await completeLogin(settings, context, proof.user, { ...options, method })
  if (outcome.ok) await upgradeHash(settings, proof.user, password as string)
  return outcome
}

type Proof<User extends UserLike> =
  | { readonly ok: true; readonly user: User }
  | Extract<LoginOutcome<User>, { readonly code: 'invalid_credentials' | 'throttled' }>

/** Finds the user with this name and this password. Throttled; every failure takes the same work. */
export async function prove<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  username: unknown,
  password: unknown,
): Promise<Proof<User>> {
  if (!isCleanText(username, MAX_USERNAME_LENGTH)) return INVALID
  const name = settings.normalizeUsername(username)
  // Folding can turn one character into 18 (U+FDFA under NFKC).
  if (!isCleanText(name, MAX_USERNAME_LENGTH)) return INVALID
  const { wait, proven } = await attempt(settings, context, `login:${name}`, name, async () => {
    if (!isPasswordText(password)) return null
    const user = await settings.call('user provider', () => settings.users.findByUsername(username))
    return provenUser(settings, user ?? null, password)
  })
  if (wait > 0) return { ok: false, code: 'throttled', retryAfterSeconds: wait }
  return proven ? { ok: true, user: proven } : INVALID
}

/**
 * One attempt at a password. It is counted before it is made, or a thousand parallel guesses would all pass.
 * The count is taken back if the attempt succeeds or comes to no verdict: an outage must not lock anyone out.
 */
export async function attempt<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  account: string,
  username: string,
  prove: () => Promise<User | null>,
): Promise<{ readonly wait: number; readonly proven: User | null }> {
  const { throttle } = settings
  const counts = (await throttle?.countsOf(account, context.address)) ?? []
  let wait = (await throttle?.attempt(counts)) ?? 0
  let proven: User | null = null
  if (wait === 0) {
    let isWrong = false
    try {
      proven = await prove()
      isWrong = proven === null
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.code !== 'password_queue_full') throw error
      wait = 1
    } finally {
      if (!isWrong) await throttle?.forgive(counts)
    }
  }
  if (!proven) settings.emit(context, { type: wait > 0 ? 'login_throttled' : 'login_failed', username })
  return { wait, proven }
}

/** Returns the user if this is their password, otherwise `null`, after as much work as for any other user. */
export async function provenUser<User extends UserLike>(
  settings: LoginSettings<User>,
  user: User | null,
  password: string,
): Promise<User | null> {
  const { passwords } = settings
  const hashed = user?.hashedPassword
  if (typeof hashed === 'string' && hashed !== '' && passwords.canVerify?.(hashed) !== false) {
    return (await passwords.verify(password, hashed)) === true ? user : null
  }
  await passwords.verify(password, await dummyHash(settings))
  return null
}

const dummies = /* @__PURE__ */ new WeakMap<object, string>()

/**
 * A hash of a random text, made once per verifier. The hash is cached and not the promise of it: in Workers a
 * request must not wait for the work of another.
 */
async function dummyHash<User extends UserLike>({ passwords }: LoginSettings<User>): Promise<string> {
  const known = passwords.dummyHash ?? dummies.get(passwords)
  if (known !== undefined) return known
  const dummy = (await passwords.hash?.(crypto.randomUUID())) ?? ''
  dummies.set(passwords, dummy)
  return dummy
}

/** Replaces a hash of lower cost. Best effort: a failed rehash never fails the login. */
export async function upgradeHash<User extends UserLike>(
  settings: LoginSettings<User>,
  user: User,
  password: string,
): Promise<void> {
  const { users, passwords } = settings
  const from = user.hashedPassword
  if (!users.upgradeHash || !passwords.hash || typeof from !== 'string' || !passwords.needsRehash?.(from))
    return
  try {
    const to = await passwords.hash(password, { stamp: await passwordStamp(from) })
    await settings.call('user provider', () => users.upgradeHash?.(user, { from, to }))
  } catch {
    // The old hash still verifies; the next login tries again.
  }
}
