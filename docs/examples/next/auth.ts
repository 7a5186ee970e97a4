import { createAuth, memoryUsers } from 'latchkey'
import { latchkey } from 'latchkey/next'
import { scrypt } from 'latchkey/password'

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

// Without a secret of your own, a restart logs everybody out. Next loads this file once per bundle; what all of them
// share is the environment.
process.env.LATCHKEY_SECRET ??= crypto.randomUUID() + crypto.randomUUID()

export const auth = latchkey(createAuth({ secret: process.env.LATCHKEY_SECRET, users, passwords: scrypt() }))
