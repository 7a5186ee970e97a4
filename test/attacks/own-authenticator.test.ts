import { type Authenticator, type AuthenticatorEnvironment, createAuth, type LoginContext } from 'latchkey'
import { describe, expect, test } from 'vitest'
import { ORIGIN, opened, plain, SECRET, type TestUser, Users } from '../app.ts'

/** What an app's own authenticator is handed for one request. */
async function handed(): Promise<{
  readonly context: LoginContext<TestUser>
  readonly environment: AuthenticatorEnvironment<TestUser>
}> {
  const given: unknown[] = []
  const auth = createAuth<TestUser>({
    secret: SECRET,
    origin: ORIGIN,
    users: new Users().provider,
    passwords: plain,
    authenticators: [
      {
        authenticate(context, environment) {
          given.push(context, environment)
          return null
        },
      },
    ],
  })
  await opened(auth, new Request(ORIGIN)).auth.authenticate()
  const [context, environment] = given
  return {
    context: context as LoginContext<TestUser>,
    environment: environment as AuthenticatorEnvironment<TestUser>,
  }
}

/** All objects that can be reached from one by its properties, with the way there. */
function reachable(start: object): Map<object, string> {
  const found = new Map<object, string>([[start, '']])
  for (const [object, way] of found) {
    for (const name of Reflect.ownKeys(object)) {
      const value: unknown = Reflect.get(object, name)
      const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
      if (isObject && !found.has(value as object)) found.set(value as object, `${way}.${String(name)}`)
    }
  }
  return found
}

describe('an authenticator of the app’s own', () => {
  test('gets the five members of its port, frozen', async () => {
    const { environment } = await handed()
    expect(Object.keys(environment).toSorted()).toEqual(['call', 'now', 'prove', 'session', 'users'])
    expect(Object.isFrozen(environment)).toBe(true)
  })

  test('reaches no key, no key ring, no throttle and no password verifier', async () => {
    const { context, environment } = await handed()
    for (const part of [environment, context]) {
      for (const [object, way] of reachable(part)) {
        const methods = ['derive', 'seal', 'keysOf', 'check', 'verify'].filter((name) => name in object)
        expect([way, methods]).toEqual([way, []])
        expect([way, object instanceof CryptoKey, object instanceof Uint8Array]).toEqual([way, false, false])
      }
    }
  })

  test('may copy its context, also where a route names it', async () => {
    const copies: object[] = []
    const own: Authenticator<TestUser> = {
      authenticate(context) {
        copies.push({ ...context })
        return null
      },
    }
    const auth = createAuth<TestUser>({
      secret: SECRET,
      origin: ORIGIN,
      users: new Users().provider,
      passwords: plain,
      authenticators: [own],
    })
    const current = opened(auth, new Request(ORIGIN), '192.0.2.1').auth
    await current.authenticate()
    await current.requireUser({ by: [own] })
    expect(copies).toHaveLength(2)
    for (const copy of copies) {
      expect(copy).toMatchObject({ address: '192.0.2.1' })
      expect(copy).toHaveProperty('request')
      expect(copy).toHaveProperty('session')
    }
  })
})
