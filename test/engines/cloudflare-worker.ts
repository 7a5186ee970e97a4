import { durableObjectLimiter, durableObjectRecords, kvRecords, SessionObject } from 'latchkey/cloudflare'
import { createLimiterSchema, createSchema, d1, sqlLimiter, sqlRecords } from 'latchkey/sql'
import {
  type ContractCase,
  eventualRecordStoreContract,
  limiterContract,
  recordIndexContract,
  recordPruneContract,
  recordStoreContract,
  type TestClock,
} from 'latchkey/testing'

export { SessionObject }

export interface Env {
  DB: Parameters<typeof d1>[0]
  KV: Parameters<typeof kvRecords>[0]
  SESSIONS: Parameters<typeof durableObjectRecords>[0]
}

/** The contracts over the bindings of a worker, by the name of the binding. */
export function suitesOf(env: Env): Record<string, readonly ContractCase[]> {
  const makeD1 = async ({ now }: TestClock) => {
    const client = d1(env.DB)
    await createSchema(client)
    await client.run('DELETE FROM latchkey_sessions', [])
    return sqlRecords(client, { now })
  }
  const makeD1Limiter = async ({ now }: TestClock) => {
    const client = d1(env.DB)
    await createLimiterSchema(client)
    await client.run('DELETE FROM latchkey_attempts', [])
    return sqlLimiter(client, { now })
  }
  // Objects and keys cannot be listed and emptied: each case has names of its own.
  const fresh = (): string => `${crypto.randomUUID()}:`
  const makeObjects = ({ now }: TestClock) => durableObjectRecords(env.SESSIONS, { now, prefix: fresh() })
  return {
    D1: [...recordStoreContract(makeD1), ...recordIndexContract(makeD1), ...recordPruneContract(makeD1)],
    'Durable Objects': [...recordStoreContract(makeObjects), ...recordIndexContract(makeObjects)],
    'what is Durable Objects alone': [collects(env), renewsItsEntryOnce(env), collectsCounts(env)],
    'Limiter: D1': limiterContract(makeD1Limiter),
    'Limiter: Durable Objects': limiterContract(({ now }) =>
      durableObjectLimiter(env.SESSIONS, { now, prefix: fresh() }),
    ),
    KV: eventualRecordStoreContract(({ now }) => kvRecords(env.KV, { now, prefix: fresh() })),
  }
}

/** By a store whose clock stands still: the record is there until the object itself, by its own clock, has let go of it. */
function collects(env: Env): ContractCase {
  return {
    name: 'an object empties itself when its session is no longer kept',
    async run() {
      const now = Date.now()
      const records = durableObjectRecords(env.SESSIONS, {
        now: () => now,
        prefix: `${crypto.randomUUID()}:`,
      })
      const times = { renewedAt: now, expiresAt: now + 100, keptUntil: now + 200 }
      const record = { data: { a: 1 }, createdAt: now, ...times }
      await records.create('id', record)
      if ((await records.read('id')) === null) throw new Error('it was gone at once')
      const givenUp = Date.now() + 10_000
      while ((await records.read('id')) !== null) {
        if (Date.now() > givenUp) throw new Error('its alarm never came')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  }
}

/** By a limiter whose clock stands still, as above. */
function collectsCounts(env: Env): ContractCase {
  return {
    name: 'an object empties itself when the windows of its counts are over, and not before the last one is',
    async run() {
      const now = Date.now()
      const options = { now: () => now, prefix: `${crypto.randomUUID()}:` }
      const limiter = durableObjectLimiter(env.SESSIONS, options)
      const first = { perSource: 1, windowSeconds: 1 }
      const second = { perSource: 1, windowSeconds: 2 }
      await limiter.reserve('key', 'a', first)
      await limiter.reserve('key', 'b', second)
      if ((await limiter.reserve('key', 'a', first)).waitSeconds === 0) throw new Error('gone at once')
      const givenUp = Date.now() + 10_000
      while ((await limiter.reserve('key', 'b', second)).waitSeconds > 0) {
        if (Date.now() > givenUp) throw new Error('its alarm never came')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      if (Date.now() < now + 2000) throw new Error('it was gone too soon')
    },
  }
}

function renewsItsEntryOnce(env: Env): ContractCase {
  return {
    name: 'an entry in the index is renewed when its session outlives it, and then not again',
    async run() {
      let calls = 0
      const counted: Env['SESSIONS'] = {
        idFromName: (name) => env.SESSIONS.idFromName(name),
        get(id) {
          calls++
          return env.SESSIONS.get(id)
        },
      }
      const now = Date.now()
      const records = durableObjectRecords(counted, { now: () => now, prefix: `${crypto.randomUUID()}:` })
      const times = (hours: number) => ({
        renewedAt: now,
        expiresAt: now + 3_600_000,
        keptUntil: now + hours * 3_600_000,
      })
      await records.create('id', { data: {}, createdAt: now, ...times(1), owner: 'alice' })
      const costs = []
      for (const hours of [2, 100, 100]) {
        calls = 0
        await records.update('id', {}, times(hours))
        costs.push(calls)
      }
      if (costs.join() !== '1,3,1') throw new Error(`calls: ${costs.join()}`)
    },
  }
}

/** Runs one case inside of workerd: `?suite=…&case=<index>`. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const suite = suitesOf(env)[searchParams.get('suite') ?? '']
    try {
      await suite?.[Number(searchParams.get('case'))]?.run()
      return Response.json({ ok: true })
    } catch (error) {
      return Response.json({ ok: false, message: String(error) })
    }
  },
}
