// Requests per second over HTTP on Hono: one server process each, loaded one after the other, in rounds.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { load } from './load.mjs'

export const HTTP_FLOOR = 'floor: Hono app + Map'
const REDIS_FLOOR = 'floor: Hono + one redis GET'
/** node-redis gives each command an AbortSignal; latchkey's reads do without, and so does this floor. */
const REDIS_FLOOR_UNTIMED = `${REDIS_FLOOR}, without the client's timer`
const NAMES = [
  HTTP_FLOOR,
  'latchkey memory',
  'latchkey sealed (warm)',
  'latchkey memory on Hono',
  'latchkey sealed (warm) on Hono',
  'iron-session',
]
/** The same contenders by another name: these have their sessions in Redis. */
const ON_REDIS = {
  'latchkey redis': 'latchkey memory',
  'latchkey redis on Hono': 'latchkey memory on Hono',
}
export const REDIS_NAMES = [REDIS_FLOOR, REDIS_FLOOR_UNTIMED, ...Object.keys(ON_REDIS)]

async function appOf(name) {
  if (name === REDIS_FLOOR) return redisFloor(await redisKv())
  if (name === REDIS_FLOOR_UNTIMED) {
    const { client, prefix } = await redisKv()
    return redisFloor({ client: client.withCommandOptions({ timeout: 0 }), prefix })
  }
  if (name === HTTP_FLOOR) {
    const map = new Map()
    const app = new Hono()
    app.get('/me', (c) => {
      const found = map.get(getCookie(c, 'sid'))
      return c.text(found?.userId ?? 'none', found ? 200 : 401)
    })
    app.post('/login', (c) => {
      map.set('token', { userId: 'user_0000001' })
      setCookie(c, 'sid', 'token', { path: '/', httpOnly: true })
      return c.text('ok')
    })
    return app
  }
  const { list } = await import('./contenders/latchkey.mjs')
  const { peers, dataOf } = await import('./peers.mjs')
  const contender = await [...list, ...peers]
    .find(({ meta }) => meta.id === (ON_REDIS[name] ?? name))
    .create(name in ON_REDIS ? { kv: await redisKv() } : {})
  if (contender.app) return contender.app
  // What sits on Request alone is called from a handler.
  const app = new Hono()
  app.get('/me', async (c) => {
    const userId = await contender.authenticate(c.req.raw)
    return c.text(userId ?? 'none', userId ? 200 : 401)
  })
  app.post('/login', async (c) => {
    const { setCookies } = await contender.login(c.req.raw, dataOf(1))
    for (const cookie of setCookies) c.header('set-cookie', cookie, { append: true })
    return c.text('ok')
  })
  return app
}

async function redisKv() {
  const { connectRedis, PREFIX } = await import('./stores/engines.mjs')
  return { client: await connectRedis(), prefix: PREFIX }
}

/** The least that a session in Redis can cost. */
async function redisFloor({ client, prefix }) {
  const { dataOf } = await import('./peers.mjs')
  const app = new Hono()
  app.get('/me', async (c) => {
    const token = getCookie(c, 'sid')
    const text = token && (await client.get(prefix + token))
    const userId = text ? JSON.parse(text).userId : null
    return c.text(userId ?? 'none', userId ? 200 : 401)
  })
  app.post('/login', async (c) => {
    await client.set(`${prefix}token`, JSON.stringify(dataOf(1)), { EX: 86_400 })
    setCookie(c, 'sid', 'token', { path: '/', httpOnly: true })
    return c.text('ok')
  })
  return app
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/** The first of `names` is the floor. */
export async function measureHttp({ rounds, seconds, names = NAMES }) {
  const servers = []
  for (const name of names) {
    const child = fork(fileURLToPath(import.meta.url), ['--serve', name], {
      env: { ...process.env, NODE_ENV: 'production' },
    })
    const port = await new Promise((resolve) => child.once('message', resolve))
    const url = `http://127.0.0.1:${port}`
    const login = await fetch(`${url}/login?i=1`, { method: 'POST' })
    const cookie = login.headers
      .getSetCookie()
      .map((line) => line.slice(0, line.indexOf(';')))
      .join('; ')
    const probe = await fetch(`${url}/me`, { headers: { cookie } })
    if (probe.status !== 200) throw new Error(`${name}: ${probe.status}`)
    servers.push({ name, child, url: `${url}/me`, headers: { cookie }, rps: [] })
  }
  for (let round = -1; round < rounds; round++) {
    for (const server of servers) {
      const rps = await load({ ...server, connections: 32, seconds })
      if (round >= 0) server.rps.push(rps)
    }
  }
  for (const { child } of servers) child.kill()
  const [floor] = servers
  return servers.map(({ name, rps }) => ({
    id: name,
    rps: median(rps),
    share: median(rps.map((value, round) => value / floor.rps[round])),
  }))
}

if (process.argv[2] === '--serve') {
  const app = await appOf(process.argv[3])
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send(port))
  process.on('disconnect', () => process.exit())
}
