import { createAuth, type DeviceList, type RequestAuth, storedSessions } from 'latchkey'
import { ORIGIN, opened, plain, SECRET, setCookiesOf, type TestUser, Users } from '../app.ts'
import { type EngineName, openStore } from './open.ts'

type Guarded = 'log in from' | 'forgive'

/** What a process is told to do, for each of these cookies at the same time. */
export interface Job {
  readonly id: number
  readonly work:
    | 'who'
    | 'write'
    | 'logout'
    | 'login'
    | 'rotate'
    | 'read all'
    | 'visit'
    | 'revoke all'
    | Guarded
  /** `Cookie` headers; an empty one is a visitor's first request. Where the throttle is on: addresses. */
  readonly cookies: readonly string[]
  /** The key to write, or the user who logs in. */
  readonly name: string
}

/** For each cookie: what came of it, and the cookie that the browser holds afterwards. */
export interface Done {
  readonly id: number
  readonly answers: readonly { readonly value: unknown; readonly cookie: string }[]
}

const PASSWORDS: Readonly<Record<string, string>> = { alice: 'wonderland', bob: 'builder' }

export type Perform = (job: Omit<Job, 'id'>) => Promise<Done['answers']>

/** The app of one process: a request for each cookie, all at the same time. */
export async function openApp(
  engine: EngineName,
  place: string,
): Promise<{ perform: Perform; close(): unknown }> {
  const store = await openStore(engine, { place })
  const users = new Users()
  const options = {
    secret: SECRET,
    origin: ORIGIN,
    users: users.provider,
    passwords: plain,
    timeLimitSeconds: 30,
    touchSeconds: 0,
  }
  const auth = createAuth({ ...options, sessions: storedSessions(store.records), throttle: false })
  const throttle = { perAccount: 20, perAccountTotal: 100, perNetwork: 1000 }
  const guarded = createAuth({ ...options, limiter: store.limiter, throttle })
  const guardedWorks: Record<Guarded, (address: string, name: string) => unknown> = {
    async 'log in from'(address, name) {
      const [user = '', password = ''] = name.split(':')
      const outcome = await opened(guarded, new Request(ORIGIN), address).auth.login(user, password)
      return outcome.ok ? 'in' : outcome.code
    },
    forgive: (_, name) => guarded.forgive(users.named(name)),
  }
  const perform: Perform = ({ work, cookies, name }) =>
    Promise.all(
      cookies.map(async (cookie) => {
        if (work === 'log in from' || work === 'forgive')
          return { value: await guardedWorks[work](cookie, name), cookie: '' }
        const visit = opened(auth, new Request(ORIGIN, { headers: cookie === '' ? {} : { cookie } }))
        const value = await WORKS[work](visit.auth, name)
        const [set] = setCookiesOf(await visit.close({ failed: false }))
        return { value, cookie: set === undefined ? cookie : set.slice(0, set.indexOf(';')) }
      }),
    )
  return { perform, close: () => store.close() }
}

const WORKS: Record<
  Exclude<Job['work'], Guarded>,
  (auth: RequestAuth<TestUser, DeviceList>, name: string) => unknown
> = {
  who: async (auth) => (await auth.authenticate()).userId,
  async write(auth, name) {
    await auth.authenticate()
    auth.session.set(name, 1)
  },
  logout: (auth) => auth.logout(),
  login: async (auth, name) => (await auth.login(name, PASSWORDS[name])).ok,
  async rotate(auth) {
    await auth.authenticate()
    auth.session.regenerateId()
  },
  'read all': (auth) => auth.session.all(),
  visit: (auth, name) => auth.session.set(name, 1),
  'revoke all': (auth, name) => auth.devices.of(name).revokeAll(),
}

if (process.send) {
  const [, , engine, place] = process.argv
  const { perform } = await openApp(engine as EngineName, place as string)
  process.on('message', async (job: Job) => {
    try {
      process.send?.({ id: job.id, answers: await perform(job) } satisfies Done)
    } catch (error) {
      process.send?.({ id: job.id, error: String((error as Error).cause ?? error) })
    }
  })
  process.on('disconnect', () => process.exit())
  process.send('ready')
}
