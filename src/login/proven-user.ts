import type { PasswordVerifier } from '../password/password-verifier.ts'
import type { UserLike } from '../user/user.ts'

/** Returns the user if this is their password, otherwise `null`, after as much work as for any other user. */
export async function provenUser<User extends UserLike>(
  passwords: PasswordVerifier,
  user: User | null,
  password: string,
): Promise<User | null> {
  const hashed = textOf(user?.hashedPassword)
  if (typeof hashed === 'string' && hashed !== '' && passwords.canVerify?.(hashed) !== false) {
    return (await passwords.verify(password, hashed)) === true ? user : null
  }
  await passwords.verify(password, await dummyHash(passwords))
  return null
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
