import { TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith } from '../engines/reach.ts'
import { type AdapterSubject, adapterContract } from '../reference-app/adapter-contract.ts'
import { socketContract } from '../reference-app/socket-contract.ts'
import { ReferenceProcess } from './reference-process.ts'

const JSON_ONLY = { accept: 'application/json' }
const ALICE = { username: 'alice', password: 'correct horse battery staple' }

const CELLS = [
  ...['bun', 'deno'].flatMap((runtime) => cells(runtime, ['sealed', 'memory', 'redis'])),
  ...cells('workerd', ['sealed', 'memory', 'd1', 'kv', 'durable-object']),
]

/** Both adapters where nothing is asked of the runtime but itself; its engines behind one of them. */
function cells(runtime: string, kinds: readonly string[]): (readonly [adapter: string, sessions: string])[] {
  const isOurs = (sessions: string): boolean => sessions === 'sealed' || sessions === 'memory'
  return kinds.flatMap((sessions) =>
    (isOurs(sessions) ? ['fetch', 'hono'] : ['fetch']).map(
      (adapter) => [`${adapter}@${runtime}`, sessions] as const,
    ),
  )
}

for (const [adapter, sessions] of CELLS) {
  describeWith(sessions === 'redis' ? ['redis'] : [], `the login story: ${adapter}, ${sessions}`, () => {
    let app: ReferenceProcess
    beforeAll(async () => {
      // Behind TLS, and as it is: what the app is told need not be what the runtime sees.
      const origin = adapter.startsWith('fetch') ? 'https://app.test' : undefined
      app = await ReferenceProcess.start(['--adapter', adapter, '--sessions', sessions], origin)
    })
    afterAll(() => app.stop())

    const subject = async (): Promise<AdapterSubject> => {
      await app.control('reset', {})
      return {
        send: app.send,
        origin: app.origin,
        canEndCopies: sessions !== 'sealed',
        tellsReasons: sessions !== 'kv',
      }
    }
    const cases = sessions === 'memory' ? socketContract(() => app) : []
    for (const { name, run } of [...adapterContract(subject), ...cases]) test(name, run)
  })
}

describe.each(['bun', 'deno', 'workerd'])('the reference app on %s', (runtime) => {
  const adapter = `fetch@${runtime}`
  let app: ReferenceProcess
  beforeAll(async () => {
    app = await ReferenceProcess.start(['--adapter', adapter, '--sessions', 'memory', '--clock', 'manual'])
  })

  const login = async (browser = new TestBrowser(app.send, app.origin)): Promise<number> =>
    (await browser.post('/login', ALICE, JSON_ONLY)).status

  test('counts, and notes events with the address of the socket', async () => {
    await app.control('reset', {})
    expect(await login()).toBe(200)
    expect(await app.control('counters')).toMatchObject({ verify: 1, findByUsername: 1, storeCreate: 1 })
    expect(await app.control('events')).toMatchObject([
      { type: 'login', user: 'alice', address: '127.0.0.1' },
    ])
  })

  test('stops its clock, and moves it', async () => {
    await app.control('reset', {})
    const browser = new TestBrowser(app.send, app.origin)
    await login(browser)
    const status = async () => (await browser.get('/app', JSON_ONLY)).status
    await app.control('clock', { advanceSeconds: 86_399 })
    expect(await status()).toBe(200)
    await app.control('clock', { advanceSeconds: 86_400 })
    expect(await status()).toBe(401)
  })

  test('breaks its engines, and what hung goes on', async () => {
    await app.control('reset', {})
    await app.control('fault', { target: 'store', mode: 'throw' })
    expect(await login()).toBe(503)
    await app.control('fault', { target: 'users', mode: 'hang' })
    await app.control('fault', { target: 'store', mode: 'ok' })
    const hanging = login()
    while ((await app.control('counters').then((counts) => (counts as Counts).findByUsername)) < 2) {}
    await app.control('fault', { target: 'users', mode: 'ok' })
    expect(await hanging).toBe(200)
  })

  test('takes other options, and keeps the old ones when they are refused', async () => {
    await app.control('reset', {})
    await expect(app.control('options', { options: { secret: 'short' } })).rejects.toThrow(
      /400 .*invalid_configuration/,
    )
    expect(await login()).toBe(200)
    await app.control('options', { options: { cookie: { name: 'mine' } } })
    const browser = new TestBrowser(app.send, app.origin)
    await login(browser)
    expect([...browser.cookies.keys()]).toEqual(['mine'])
  })

  test('has said one thing on its standard output, and ends by SIGTERM with 0', async () => {
    expect(await app.stop()).toBe(0)
    expect(app.output).toBe(`ready http://127.0.0.1:${app.port}\n`)
    expect(app.errors).not.toMatch(/FAULT-MARKER|battery staple/)
  })

  test('refused options end it with 3', async () => {
    const refused = await ReferenceProcess.start(['--adapter', adapter, '--options', '{"secret":"short"}'])
    expect(await refused.stop()).toBe(3)
    expect(refused.errors).toContain('`secret` has 5 bytes')
    expect(refused.output).toBe('')
  })

  test('sessions that it cannot have end it with 2', async () => {
    const unknown = await ReferenceProcess.start(['--adapter', adapter, '--sessions', 'postgres'])
    expect(await unknown.stop()).toBe(2)
    expect(unknown.errors).toContain(`no sessions "postgres" for ${adapter}`)
  })
})

interface Counts {
  readonly findByUsername: number
}
