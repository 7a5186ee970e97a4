import type { PasswordVerifier } from '../password/password-verifier.ts'
import { type Match, match } from '../password/second-look.ts'
import type { UserLike } from '../user/user.ts'

/** Whose password it is, and in which form of the text. */
export interface ProvenPassword<User extends UserLike> {
  readonly user: User
  readonly matched: Exclude<Match, 'none'>
}

/** Why a password could not be right, other than that it was wrong. */
export type UnprovenReason = 'unreadable_hash'

/**
 * Returns the user if this is their password, after as much work as for any other user: also where there is no user, no
 * hash, or none that can be read.
 */
export async function provenUser<User extends UserLike>(
  passwords: PasswordVerifier,
  user: User | null,
  password: string,
): Promise<ProvenPassword<User> | UnprovenReason | null> {
  const hashed = textOf(user?.hashedPassword ?? '')
  const canVerify = typeof hashed === 'string' && hashed !== '' && passwords.canVerify?.(hashed) !== false
  const matched = await match(passwords, password, canVerify ? hashed : await dummyHash(passwords))
  if (user && canVerify) return matched === 'none' ? null : { user, matched }
  return hashed === '' ? null : 'unreadable_hash'
}

/** Bytes are read as text, so that the right password comes to the check that names the field and the fix. */
function textOf(hashed: unknown): unknown {
  return hashed instanceof Uint8Array ? new TextDecoder().decode(hashed) : hashed
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
