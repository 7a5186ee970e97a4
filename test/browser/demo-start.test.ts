import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DemoEnvironment, freePort, runDemo } from './demo-process.ts'

type Engine = Pick<DemoEnvironment, 'redisUrl' | 'databaseUrl'>

describe('a demo that cannot have its engine ends, and says why in one line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  async function refusal(engine: Engine): Promise<string> {
    const environment = { port: await freePort(), usersFile: join(folder, 'users.db'), ...engine }
    const { code, errors } = await runDemo(environment)
    expect(code).toBe(1)
    expect(errors).toMatch(/^[^\n]+\n$/)
    expect(errors).not.toContain('hunter2')
    return errors.trim()
  }

  const at = (scheme: string, place: string): Engine => ({
    [scheme === 'redis' ? 'redisUrl' : 'databaseUrl']: `${scheme}://somebody:hunter2@${place}/0`,
  })

  it.each([
    ['Redis', 'redis'],
    ['PostgreSQL', 'postgres'],
    ['MySQL', 'mysql'],
  ])('nobody listens: %s', async (name, scheme) => {
    const place = `127.0.0.1:${await freePort()}`
    expect(await refusal(at(scheme, place))).toBe(
      `${name} at ${place} cannot be used: connect ECONNREFUSED ${place}`,
    )
  })

  describe('somebody listens, and says nothing', () => {
    let silent: Server
    let place: string
    beforeAll(async () => {
      silent = createServer(() => {}).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      place = `127.0.0.1:${(silent.address() as { port: number }).port}`
    })
    afterAll(() => void silent.close())

    it.concurrent.each([
      ['Redis', 'redis'],
      ['PostgreSQL', 'postgres'],
      ['MySQL', 'mysql'],
    ])('%s', async (name, scheme) => {
      // An engine's own words, if its own limit comes first.
      expect(await refusal(at(scheme, place))).toContain(`${name} at ${place} cannot be used: `)
    })
  })

  it.each<[string, Engine, string]>([
    [
      'two places at once',
      { redisUrl: 'redis://:hunter2@localhost', databaseUrl: 'file:x' },
      'REDIS_URL and DATABASE_URL are both set. Leave one of them out: the demo keeps all in one place.',
    ],
    [
      'a scheme of no engine',
      { databaseUrl: 'oracle://u:hunter2@localhost/x' },
      'DATABASE_URL must begin with one of postgres: postgresql: mysql: file:',
    ],
    ['no scheme', { redisUrl: 'localhost:6379' }, 'REDIS_URL must begin with one of redis: rediss:'],
    [
      'a name of every object',
      { databaseUrl: 'constructor:hunter2' },
      'DATABASE_URL must begin with one of postgres: postgresql: mysql: file:',
    ],
    [
      'a password that was not encoded',
      { databaseUrl: 'postgres://u:hunter2/@localhost/x' },
      'DATABASE_URL is not a URL. Is everything in its password percent-encoded?',
    ],
  ])('%s', async (_, engine, message) => {
    expect(await refusal(engine)).toBe(message)
  })

  it('a file that is no database', async () => {
    expect(await refusal({ databaseUrl: 'file:package.json' })).toMatch(
      /^SQLite at package\.json cannot be used: /,
    )
  })
})
