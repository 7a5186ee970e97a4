// latchkey as a row of the peer benchmark (its contenders/README.md has the interface). Built package, real options.
import { Hono } from 'hono'
import { serializeCookie } from '../../../dist/adapter.js'
import { latchkey } from '../../../dist/hono.js'
import { createAuth, memoryRecords, sealedSessions, storedSessions } from '../../../dist/index.js'
import { redisRecords } from '../../../dist/redis.js'

const ORIGIN = 'http://localhost:3000'
const SECRET = 'q3Jx9vT7mZk2Lw8RbN5sYc4HdF6gPa1UeXo0tIiVyKjMBnCz'

/** Users behind the look-up by id that every request pays for. */
function userTable() {
  const byId = new Map()
  return {
    add: (id, hashedPassword) => {
      const user = { id, hashedPassword }
      byId.set(id, user)
      return user
    },
    provider: { findById: (id) => byId.get(id) ?? null, findByUsername: (name) => byId.get(name) ?? null },
  }
}

const passwords = { verify: () => false, dummyHash: '-' }
const signIn = async (auth, users, request, data) => {
  const visit = auth.open(request)
  const { session } = visit.auth
  for (const key in data) if (key !== 'userId' && key !== 'authHash') session.set(key, data[key])
  await visit.auth.loginUser(users.add(data.userId, data.authHash), { method: 'password' })
  return cookiesOf(visit)
}
const cookiesOf = async (visit) => {
  const { cookies } = await visit.close({ failed: false })
  return { setCookies: cookies.map(serializeCookie) }
}

const make =
  (sessionsOf, extra = () => ({})) =>
  async ({ kv } = {}) => {
    const users = userTable()
    const records = kv ? redisRecords(kv.client, { prefix: kv.prefix }) : memoryRecords()
    const sessions = sessionsOf(records)
    const auth = createAuth({ secret: SECRET, origin: ORIGIN, users: users.provider, passwords, sessions })
    return {
      login: (request, data) => signIn(auth, users, request, data),
      authenticate(request) {
        const token = auth.open(request, { readOnly: true }).auth.authenticate()
        return token instanceof Promise ? token.then((known) => known.userId) : token.userId
      },
      async logout(request) {
        const visit = auth.open(request)
        await visit.auth.logout()
        return cookiesOf(visit)
      },
      async update(request, key, value, gate) {
        const visit = auth.open(request)
        await visit.auth.authenticate()
        await gate()
        visit.auth.session.set(key, value)
        return cookiesOf(visit)
      },
      async slowRead(request, gate) {
        const visit = auth.open(request)
        const { userId } = await visit.auth.authenticate()
        await gate()
        return { userId, ...(await cookiesOf(visit)) }
      },
      async read(request) {
        const { auth: own } = auth.open(request, { readOnly: true })
        const { userId } = await own.authenticate()
        return { userId, ...(await own.session.all()) }
      },
      ...extra({ auth, users, records }),
    }
  }

/** Five small keys beside who it is. */
const dataOf = (i = 1) => {
  const number = String(i).padStart(7, '0')
  const data = { userId: `user_${number}`, authHash: `hash of ${number}` }
  for (const key of ['displayName', 'email', 'role', 'locale', 'theme']) data[key] = `${key} of ${number}`
  return data
}

const memoryStore = ({ auth, users, records }) => ({
  ...inHandler({ auth, users }),
  size: () => records.size,
  seed(i, { userId, authHash, ...rest }) {
    const now = Date.now()
    const own = {
      _auth_user_id: userId,
      _auth_user_hash: authHash,
      _auth_method: 'password',
      _auth_time: now,
    }
    const data = { ...rest, ...own }
    records.create(`seed-${i}-${'x'.repeat(32)}`, {
      data,
      createdAt: now,
      renewedAt: now,
      expiresAt: now + 86_400_000,
      keptUntil: now + 86_400_000,
    })
  },
  auth,
})

/**
 * For requests per second over HTTP: the work that the floor does too, in a handler of its own. It answers at once when
 * there is nothing to wait for, as the floor's does.
 */
const inHandler = ({ auth, users }) => {
  const app = new Hono()
  const answer = (c, { userId }) => c.text(userId ?? 'none', userId ? 200 : 401)
  app.get('/me', (c) => {
    const token = auth.open(c.req.raw, { readOnly: true }).auth.authenticate()
    return token instanceof Promise ? token.then((known) => answer(c, known)) : answer(c, token)
  })
  app.post('/login', async (c) => {
    const { setCookies } = await signIn(auth, users, c.req.raw, dataOf(c.req.query('i')))
    for (const cookie of setCookies) c.header('set-cookie', cookie, { append: true })
    return c.text('ok')
  })
  return { app }
}

/** And with all that the middleware does: cross-origin check, saving the session, `Vary`. */
const onHono = ({ auth, users }) => {
  const app = new Hono()
  app.use(latchkey(auth))
  app.get('/me', async (c) => {
    const { userId } = await c.var.auth.authenticate()
    return c.text(userId ?? 'none', userId ? 200 : 401)
  })
  app.post('/login', async (c) => {
    const { userId, authHash, ...data } = dataOf(c.req.query('i'))
    for (const key in data) c.var.auth.session.set(key, data[key])
    await c.var.auth.loginUser(users.add(userId, authHash))
    return c.text('ok')
  })
  return { app }
}

const common = { host: 'web', pkg: ['latchkey'] }
export const list = [
  {
    meta: {
      ...common,
      id: 'latchkey memory',
      family: 'server',
      host: 'hono',
      t3: true,
      t6: true,
      kv: true,
      note: 'storedSessions(memoryRecords()), or redisRecords(client)',
    },
    create: make((records) => storedSessions(records), memoryStore),
  },
  {
    meta: {
      ...common,
      id: 'latchkey sealed (warm)',
      family: 'sealed',
      host: 'hono',
      t3: true,
      note: 'sealedSessions()',
    },
    create: make(() => sealedSessions(), inHandler),
  },
  {
    meta: { ...common, id: 'latchkey sealed (cold)', family: 'sealed', note: 'each seal opened anew' },
    create: make(() => sealedSessions({ sealCacheSize: 0 })),
  },
  {
    meta: {
      ...common,
      id: 'latchkey sealed + revocation',
      family: 'sealed',
      note: 'a revocation list in memory',
    },
    create: make((revocation) => sealedSessions({ revocation })),
  },
  {
    meta: {
      ...common,
      id: 'latchkey memory on Hono',
      family: 'server',
      host: 'hono',
      tables: ['t3'],
      t3: true,
      kv: true,
      note: 'latchkey/hono',
    },
    create: make((records) => storedSessions(records), onHono),
  },
  {
    meta: {
      ...common,
      id: 'latchkey sealed (warm) on Hono',
      family: 'sealed',
      host: 'hono',
      tables: ['t3'],
      t3: true,
      note: 'latchkey/hono',
    },
    create: make(() => sealedSessions(), onHono),
  },
]
