import type { LoginContext } from '../identity/login-context.ts'
import { passwordStamp } from '../password/stamp.ts'
import type { UserLike } from '../user/user.ts'
import type { PasswordProof } from './attempt.ts'
import { hashPassword } from './hash-password.ts'

/** Replaces a hash of lower cost. Best effort: a failed rehash never fails the login. */
export async function upgradeHash<User extends UserLike>(
  { users, passwords }: Pick<PasswordProof<User>, 'users' | 'passwords'>,
  context: LoginContext<User>,
  user: User,
  password: string,
): Promise<void> {
  const from = user.hashedPassword
  if (!users.upgradeHash || !passwords.hash || typeof from !== 'string' || !passwords.needsRehash?.(from))
    return
  try {
    const to = await hashPassword(passwords, context, password, { stamp: await passwordStamp(from) })
    await users.upgradeHash(user, { from, to })
  } catch {
    // The old hash still verifies; the next login tries again.
  }
}
