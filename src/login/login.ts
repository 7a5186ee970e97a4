import { LatchkeyError } from '../base/errors.ts'
import type { LoginContext } from '../identity/login-context.ts'
import { isCleanText, isPasswordText } from '../password/password-verifier.ts'
import { passwordStamp } from '../password/stamp.ts'
import type { UserLike } from '../user/user.ts'
import { completeLogin } from './complete-login.ts'
import type { LoginOptions, LoginOutcome } from './login-outcome.ts'
import type { LoginSettings } from './login-settings.ts'

/** Longer than any e-mail address (RFC 5321, 4.5.3.1: 64 + 1 + 255). What is kept for an attempt stays small. */
const MAX_USERNAME_LENGTH = 320
const INVALID = { ok: false, code: 'invalid_credentials' } as const

/**
 * Logs in by username and password. What is not a string, or could not be a name or a password, never reaches a
 * provider. Unknown user, user without a password and wrong password come to one outcome, after the same work.
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

/** The user whose name and password these are: throttled, and the same work for every wrong one. */
export async function prove<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  username: unknown,
  password: unknown,
): Promise<Proof<User>> {
  if (!isCleanText(username, MAX_USERNAME_LENGTH)) return INVALID
  const name = settings.normalizeUsername(username)
  // Folding can make 18 characters of one (U+FDFA under NFKC).
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
 * One attempt at a password: counted before it is made, or a thousand parallel guesses would all pass. The count is
 * taken back when it succeeds, and when it comes to no verdict: an outage must not lock anybody out.
 */
export async function attempt<User extends UserLike>(
  settings: LoginSettings<User>,
  context: LoginContext<User>,
  account: string,
  username: string,
  prove: () => Promise<User | null>,
): Promise<{ readonly wait: number; readonly proven: User | null }> {
  const { throttle } = settings
  const keys = throttle ? await throttle.keysOf(account, context.address) : []
  let wait = (await throttle?.attempt(keys)) ?? 0
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
      if (!isWrong) await throttle?.forgive(keys)
    }
  }
  if (!proven) settings.emit(context, { type: wait > 0 ? 'login_throttled' : 'login_failed', username })
  return { wait, proven }
}

/** The user, if this is his password. Otherwise `null`, after as much work as for any other. */
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

const dummies = /* @__PURE__ */ new WeakMap<object, Promise<string>>()

/** A hash of nothing that anybody knows, made once per verifier. */
async function dummyHash<User extends UserLike>({ passwords }: LoginSettings<User>): Promise<string> {
  if (passwords.dummyHash !== undefined) return passwords.dummyHash
  let dummy = dummies.get(passwords)
  if (!dummy) {
    dummy = Promise.resolve(passwords.hash?.(crypto.randomUUID()) ?? '')
    dummy.catch(() => dummies.delete(passwords))
    dummies.set(passwords, dummy)
  }
  return dummy
}

/** Renews a hash of a lower cost. A kindness: that it fails must not cost the user his login. */
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
