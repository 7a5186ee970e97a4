import { afterAll, describe, expect, test } from 'vitest'
import { referenceServer } from '../reference-app/server.ts'
import { World } from '../reference-app/world.ts'

const ORIGIN = 'https://app.test'
const RIGHT = 'correct horse battery staple'

const args = {
  adapter: 'fetch',
  sessions: 'sealed',
  origin: ORIGIN,
  port: 1,
  isManualClock: true,
  options: {},
}
const world = await World.make(args)
const send = await referenceServer(world, () => {})
afterAll(() => world.close())

const ask = async (
  method: string,
  path: string,
  body?: object,
): Promise<[number, Record<string, unknown>]> => {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const text = body === undefined ? null : JSON.stringify(body)
  const answer = await send(new Request(ORIGIN + path, { method, headers, body: text }))
  return [answer.status, (await answer.json()) as Record<string, unknown>]
}
const login = async (username: string, password: string): Promise<number> =>
  (await ask('POST', '/login', { username, password }))[0]
const bytes = async (): Promise<number> => Number((await ask('GET', '/__control/memory'))[1].bytes)

describe('the throttle of the reference app', () => {
  test('is set by the words of its contract, and keeps its counts when it is set', async () => {
    await ask('POST', '/__control/reset')
    for (let i = 0; i < 3; i++) expect(await login('alice', 'wrong')).toBe(401)
    const throttle = { perAccount: 3, perAccountTotal: 3, perAddress: 50, windowSeconds: 60, maxKeys: 3 }
    expect((await ask('POST', '/__control/options', { options: { throttle: { perAccount: 3 } } }))[0]).toBe(
      200,
    )
    expect(await login('alice', RIGHT)).toBe(429)
    await ask('POST', '/__control/options', { options: { throttle } })
    for (let i = 0; i < 3; i++) await login('alice', 'wrong')
    // As many names as there is room for keys, and more: the one at its limit stays.
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect(await login(name, '\0')).toBe(401)
    expect(await login('alice', RIGHT)).toBe(429)
    await ask('POST', '/__control/clock', { advanceSeconds: 60 })
    expect(await login('alice', RIGHT)).toBe(200)
  })

  test('says how much memory it takes, which a reset gives back', async () => {
    await ask('POST', '/__control/reset')
    expect(await bytes()).toBe(0)
    await login('alice', '\0')
    const one = await bytes()
    expect(one).toBeGreaterThan(0)
    await login('bob', '\0')
    expect(await bytes()).toBeGreaterThan(one)
    await ask('POST', '/__control/reset')
    expect(await bytes()).toBe(0)
  })

  test('forgives an account that there is', async () => {
    await ask('POST', '/__control/reset')
    await ask('POST', '/__control/options', { options: { throttle: { perAccount: 1 } } })
    await login('answer', 'wrong')
    expect(await login('answer', 'the-answer')).toBe(429)
    expect((await ask('POST', '/__control/forgive', { username: 'answer' }))[0]).toBe(200)
    expect(await login('answer', 'the-answer')).toBe(200)
    expect((await ask('POST', '/__control/forgive', { username: 'ghost' }))[0]).toBe(404)
  })
})
