import { createAuth, LatchkeyError, memoryUsers } from 'latchkey'
import { withAuth } from 'latchkey/fetch'
import { pbkdf2 } from 'latchkey/password'

// What Cloudflare does, and workerd on one's own machine does not.
const deriveBits = crypto.subtle.deriveBits.bind(crypto.subtle)
crypto.subtle.deriveBits = async (algorithm, key, length) => {
  const { name, iterations } = algorithm as Pbkdf2Params
  if (name === 'PBKDF2' && iterations > 100_000) {
    const text = `Pbkdf2 failed: iteration counts above 100000 are not supported (requested ${iterations}).`
    throw new DOMException(text, 'NotSupportedError')
  }
  return deriveBits(algorithm, key, length)
}

/** A hash that was made elsewhere, with the iterations that OWASP asks for. */
const hashedPassword = `$pbkdf2-sha256$i=600000$${'A'.repeat(22)}$${'A'.repeat(43)}`

// Before any request, where Workers forbid randomness: building an auth needs none.
const auth = createAuth({
  secret: 'a secret of more than thirty-two bytes',
  users: memoryUsers([{ username: 'ali', user: { id: 1, hashedPassword } }]),
  passwords: pbkdf2({ iterations: 100_000 }),
})

let asked = 0
const handle = withAuth(
  (_: object) => {
    asked++
    return auth
  },
  async (_, { auth }) => Response.json(await auth.login('ali', 'open sesame')),
)

/** What `work` complains of. */
async function complaint(work: () => unknown): Promise<string> {
  try {
    return `none: ${await work()}`
  } catch (error) {
    return error instanceof LatchkeyError ? `${error.code}: ${error.message}` : String(error)
  }
}

/** What comes of more iterations than a Worker may have; and how often the auth was asked for, in all requests. */
export default {
  async fetch(request: Request, env: object): Promise<Response> {
    const within = pbkdf2({ iterations: 100_000 })
    const answer = await handle(request, env)
    return Response.json({
      withinTheCap: await within.verify('open sesame', await within.hash('open sesame')),
      hashing: await complaint(() => pbkdf2().hash('open sesame')),
      verifying: await complaint(() => within.verify('open sesame', hashedPassword)),
      login: [answer.status, await answer.text()],
      asked,
    })
  },
}
