import { createAuth, memoryUsers } from 'latchkey'
import { scrypt } from 'latchkey/password'

export interface User {
  id: string
  displayName: string
  hashedPassword: string
}

/** Your table of users belongs here: `findById` and `findByUsername`. This one has a single user. */
const users = memoryUsers<User>([
  {
    username: 'ada@example.com',
    user: {
      id: 'ada',
      displayName: 'Ada',
      // `await scrypt().hash('correct horse battery staple')`
      hashedPassword:
        '$scrypt$ln=17,r=8,p=1$U6DdmmhjkAoyFtO7un5uww$LBEWd/oyojOnBJEudwgaAbBiBxwvHUobtn8095GK+D4',
    },
  },
])

export const auth = createAuth({
  // Without a secret of your own, a restart logs everybody out.
  secret: process.env.LATCHKEY_SECRET ?? crypto.randomUUID() + crypto.randomUUID(),
  users,
  passwords: scrypt(),
})
