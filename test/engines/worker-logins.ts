import { createAuth } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { argon2id, scrypt } from 'latchkey/password'

interface Env {
  readonly KDF: 'scrypt' | 'argon2id'
  readonly HASH: string
}

/** A Worker whose passwords are hashed in JavaScript. `POST /NAME` logs in; only `ada` exists. */
export default {
  fetch: withAuth(
    ({ KDF, HASH }: Env) => {
      const user = { id: 'ada', hashedPassword: HASH }
      return createAuth({
        secret: 'a secret of more than thirty-two bytes',
        passwords: KDF === 'scrypt' ? scrypt({ N: 2 ** 14, p: 5 }) : argon2id(),
        throttle: false,
        users: {
          findById: () => user,
          findByUsername: async (name) => (name === 'ada' ? user : null),
        },
      })
    },
    async (request, { auth }) => {
      const outcome = await auth.login(new URL(request.url).pathname.slice(1), 'correct horse')
      return Response.json(outcome.ok ? 'logged in' : outcome.code)
    },
  ),
}
