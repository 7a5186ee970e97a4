// latchkey as a row of the peer benchmark (its contenders/README.md has the interface). Built package, real options.
import { Hono } from 'hono'
import { latchkey } from '../../../dist/hono.js'
import { createAuth, memoryRecords, sealedSessions, storedSessions } from '../../../dist/index.js'

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
  const current = auth.begin(request)
  for (const key in data) if (key !== 'userId' && key !== 'authHash') current.session.set(key, data[key])
  await current.loginUser(users.add(data.userId, data.authHash), { method: 'password' })
  return cookiesOf(current)
}
const cookiesOf = async (current) => {
  const { cookie } = await current.commit({ failed: false })
  return { setCookies: cookie ? [cookie] : [] }
}

const make =
  (sessionsOf, extra = () => ({})) =>
  async () => {
    const users = userTable()
    const records = memoryRecords()
    const sessions = sessionsOf(records)
    const auth = createAuth({ secret: SECRET, origin: ORIGIN, users: users.provider, passwords, sessions })
    return {
      login: (request, data) => signIn(auth, users, request, data),
      authenticate(request) {
        const token = auth.begin(request).authenticate()
        return token instanceof Promise ? token.then((known) => known.userId) : token.userId
      },
      async logout(request) {
        const current = auth.begin(request)
        await current.logout()
        return cookiesOf(current)
      },
      async update(request, key, value, gate) {
        const current = auth.begin(request)
        await current.authenticate()
        await gate()
        current.session.set(key, value)
        return cookiesOf(current)
      },
      async slowRead(request, gate) {
        const current = auth.begin(request)
        const { userId } = await current.authenticate()
        await gate()
        return { userId, ...(await cookiesOf(current)) }
      },
      async read(request) {
        const current = auth.begin(request)
        const { userId } = await current.authenticate()
        return { userId, ...(await current.session.all()) }
      },
      ...extra({ auth, users, records }),
    }
  }

const memoryStore = ({ auth, records }) => ({
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
    })
  },
  auth,
})

/** The same on Hono, as an app would mount it: for requests per second over HTTP. */
const onHono = ({ auth, users }) => {
  const app = new Hono()
  app.use(latchkey(auth))
  app.get('/me', async (c) => {
    const { userId } = await c.var.auth.authenticate()
    return c.text(userId ?? 'none', userId ? 200 : 401)
  })
  app.post('/login', async (c) => {
    const i = String(c.req.query('i') ?? 1).padStart(7, '0')
    for (const key of ['displayName', 'email', 'role', 'locale', 'csrf'])
      c.var.auth.session.set(key, `${key} of ${i}`)
    await c.var.auth.loginUser(users.add(`user_${i}`, `hash of ${i}`))
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
      t3: true,
      t6: true,
      note: 'storedSessions(memoryRecords())',
    },
    create: make((records) => storedSessions(records), memoryStore),
  },
  {
    meta: { ...common, id: 'latchkey sealed (warm)', family: 'sealed', t3: true, note: 'sealedSessions()' },
    create: make(() => sealedSessions()),
  },
  {
    meta: { ...common, id: 'latchkey sealed (cold)', family: 'sealed', note: 'each seal opened anew' },
    create: make(() => sealedSessions({ openedSeals: 0 })),
  },
  {
    meta: {
      ...common,
      id: 'latchkey memory on Hono',
      family: 'server',
      host: 'hono',
      tables: ['t3'],
      t3: true,
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
