import {
  apiKeyAuthenticator,
  authenticatedToken,
  bearerAuthenticator,
  createAuth,
  impersonation,
  memoryUsers,
  protectPaths,
  sessionAuthenticator,
} from 'latchkey'
import { describe, expectTypeOf, test } from 'vitest'
import { opened, plain, SECRET } from '../../app.ts'

interface Own {
  readonly id: string
  readonly hashedPassword: null
  readonly plan: 'free' | 'paid'
}

describe('the app’s own user type comes back, whatever options are written beside it', () => {
  const users = memoryUsers<Own>([])

  test('with authenticators, path rules and impersonation', () => {
    const auth = createAuth({
      secret: SECRET,
      users,
      passwords: plain,
      authenticators: [sessionAuthenticator(), bearerAuthenticator(), apiKeyAuthenticator()],
      protect: protectPaths({ exclude: ['/'] }),
      impersonation: impersonation<Own>({ guard: (actor, target) => actor.plan === target.plan }),
    })
    const current = opened(auth, new Request('http://localhost/')).auth
    expectTypeOf<typeof current.user>().toEqualTypeOf<Own | null>()
  })

  test('with an authenticator of one’s own', () => {
    const auth = createAuth({
      secret: SECRET,
      users,
      passwords: plain,
      authenticators: [
        sessionAuthenticator(),
        {
          async authenticate({ request }, { users }) {
            const user = await users.findById(request.headers.get('x-user') ?? '')
            expectTypeOf(user).toEqualTypeOf<Own | null | undefined>()
            return user
              ? authenticatedToken({ user, state: 'fresh', method: 'proxy', authTime: 0, expiresAt: null })
              : null
          },
        },
      ],
    })
    const current = opened(auth, new Request('http://localhost/')).auth
    expectTypeOf<Awaited<ReturnType<(typeof current)['loginUser']>>>().not.toBeAny()
    expectTypeOf<typeof current.user>().toEqualTypeOf<Own | null>()
  })
})
