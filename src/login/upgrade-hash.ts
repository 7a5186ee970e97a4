import type { LoginContext } from '../identity/login-context.ts'
import { passwordStamp } from '../password/stamp.ts'
import type { UserLike } from '../user/user.ts'
import type { PasswordProof } from './attempt.ts'
import { hashPassword } from './hash-password.ts'
import type { ProvenPassword } from './proven-user.ts'

/**
 * Replaces a hash of lower cost, or one that the password did not match in NFC. Best effort: a failed rehash never fails
 * the login.
 */
export async function upgradeHash<User extends UserLike>(
  { users, passwords }: Pick<PasswordProof<User>, 'users' | 'passwords'>,
  context: LoginContext<User>,
  { user, matched }: Pick<ProvenPassword<User>, 'user' | 'matched'>,
  password: string,
): Promise<void> {
  const from = user.hashedPassword
  if (!users.upgradeHash || !passwords.hash || typeof from !== 'string') return
  const isDue = passwords.needsRehash?.(from) || (matched === 'second' && passwords.verifyAsTyped)
  if (!isDue) return
  try {
    const to = await hashPassword(passwords, context, password, { stamp: await passwordStamp(from) })
    await users.upgradeHash(user, { from, to })
  } catch {
    // The old hash still verifies; the next login tries again.
  }
}
