import { createAuth, memoryUsers } from 'latchkey'
import { scrypt } from 'latchkey/password'

/**
 * scrypt as strong as the default of 128 MiB, in 16: a Worker has 128 MiB for all that it does at once. With
 * `nodejs_compat` it is native, and takes about 0.2 s of CPU time, which the free plan (10 ms) does not have. PBKDF2
 * is allowed 100,000 iterations here, a sixth of what OWASP asks for; argon2id would run in JavaScript.
 */
const passwords = scrypt({ N: 2 ** 14, p: 5 })

/** Your table of users belongs here: `findById` and `findByUsername`. This one has a single user. */
const users = memoryUsers([
  {
    username: 'ada@example.com',
    user: {
      id: 'ada',
      displayName: 'Ada',
      // `await passwords.hash('correct horse battery staple')`
      hashedPassword:
        '$scrypt$ln=14,r=8,p=5$RMGW1yo7VOf5iQjsUWrvWA$Y34Zlw0VSGtI1E3RPOFIl4YBdB8TpDtYkFy4tEoV/4g',
    },
  },
])

export interface Env {
  readonly LATCHKEY_SECRET: string
}

/** Called once per environment: secrets arrive with the first request. */
export const authOf = ({ LATCHKEY_SECRET }: Env) => createAuth({ secret: LATCHKEY_SECRET, users, passwords })
