import { passwords } from './auth.ts'
import type { Users } from './users.ts'

/** Ready-made accounts, to try things with. Their passwords are public: a demo's privilege. */
export const ACCOUNTS = [
  { displayName: 'Ada Lovelace', email: 'ada@example.com', password: 'correct horse battery staple' },
  {
    displayName: 'Charles Babbage',
    email: 'charles@example.com',
    password: 'difference engine no 2',
    disabled: true,
  },
]

/** At the first start only: who was changed later stays as he is. */
export async function addAccounts(users: Users): Promise<void> {
  if (!(await users.isEmpty())) return
  for (const { password, ...account } of ACCOUNTS) {
    await users.add({ ...account, hashedPassword: await passwords.hash(password) })
  }
}
