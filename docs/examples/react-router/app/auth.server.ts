import { createAuth, memoryUsers } from 'latchkey'
import { scrypt } from 'latchkey/password'
import { latchkey } from 'latchkey/react-router'

/** Your table of users belongs here: `findById` and `findByUsername`. This one has a single user. */
const users = memoryUsers([
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

export const auth = latchkey(
  createAuth({
    // Without a secret of your own, a restart logs everybody out.
    secret: process.env.LATCHKEY_SECRET ?? crypto.randomUUID() + crypto.randomUUID(),
    users,
    passwords: scrypt(),
  }),
)
