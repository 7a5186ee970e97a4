import { afterEach, expect, test } from 'vitest'
import { referenceServer } from '../reference-app/server.ts'
import { World } from '../reference-app/world.ts'
import { describeWith, freshName, type ServerName } from './reach.ts'

const ORIGIN = 'https://app.test'

/** One process of the reference app, as far as another can tell. */
class Process {
  readonly world: World
  readonly #send: (request: Request) => Promise<Response>

  private constructor(world: World, send: (request: Request) => Promise<Response>) {
    this.world = world
    this.#send = send
  }

  static async start(sessions: string, options: Record<string, unknown>, port: number): Promise<Process> {
    const world = await World.make({
      adapter: 'fetch',
      sessions,
      origin: ORIGIN,
      port,
      isManualClock: false,
      options,
    })
    return new Process(world, await referenceServer(world, () => {}))
  }

  async post(path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await this.#send(
      new Request(ORIGIN + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
      }),
    )
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  login = async (password: string): Promise<number> =>
    (await this.post('/login', { username: 'alice', password })).status
}

const RIGHT = 'correct horse battery staple'
const throttle = { perAccount: 3 }
const processes: Process[] = []
afterEach(async () => {
  for (const { world } of processes.splice(0)) await world.close(true)
})

const MODES: readonly (readonly [sessions: string, engine: string, needs: readonly ServerName[]])[] = [
  ['sealed', 'redis', ['redis']],
  ['sealed', 'postgres', ['postgres']],
  ['sealed', 'mysql', ['mysql']],
  ['sealed', 'sqlite', []],
  ['redis', 'memory', ['redis']],
  ['kv', 'redis', ['redis']],
]

for (const [sessions, engine, needs] of MODES) {
  describeWith(needs, `two processes of the reference app: ${sessions}, engine ${engine}`, () => {
    const start = async (options: Record<string, unknown> = {}): Promise<[Process, Process]> => {
      const all = { engine, limiter: 'engine', storePrefix: freshName('shared'), throttle, ...options }
      for (const port of [1, 2]) processes.push(await Process.start(sessions, all, port))
      return processes as unknown as [Process, Process]
    }

    test('share the counts and the user table, and one that starts later empties nothing', async () => {
      const [one, two] = await start()
      expect(one.world.users.rows).toEqual(two.world.users.rows)
      for (const process of [one, two, one]) expect(await process.login('wrong')).toBe(401)
      expect([await one.login(RIGHT), await two.login(RIGHT)]).toEqual([429, 429])
      const third = await Process.start(sessions, one.world.arguments.options, 3)
      processes.push(third)
      expect(await third.login(RIGHT)).toBe(429)
      expect(await two.post('/__control/forgive', { username: 'alice' })).toMatchObject({ status: 200 })
      expect([await one.login(RIGHT), await two.login(RIGHT)]).toEqual([200, 200])
    })

    test('share none under another prefix, and none without the limiter in the engine', async () => {
      const [one] = await start()
      for (let i = 0; i < 3; i++) await one.login('wrong')
      const options = { engine, limiter: 'engine', throttle, storePrefix: `${freshName('other')}:` }
      const other = await Process.start(sessions, options, 3)
      processes.push(other)
      expect([await one.login(RIGHT), await other.login(RIGHT)]).toEqual([429, 200])
    })
  })
}
