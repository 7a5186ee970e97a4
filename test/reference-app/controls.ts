import { LatchkeyError, type SessionRecord } from 'latchkey'
import type { FaultMode, FaultTarget } from './faults.ts'
import { forge } from './forge.ts'
import { json } from './http.ts'
import { hashApiToken, type User } from './users.ts'
import type { World } from './world.ts'

type Body = Record<string, unknown>
type Control = (world: World, body: Body) => Response | Promise<Response>

const done = (): Response => json({ ok: true })
const unsupported = (): Response => json({ ok: false, code: 'not_supported' }, 501)

/** What only a test may do. Touches no session, and stands outside of every protection. */
export async function control(world: World, request: Request, path: string): Promise<Response> {
  const route = CONTROLS[`${request.method} ${path}`]
  if (!route) return json({ ok: false, code: 'not_found' }, 404)
  const text = await request.text()
  try {
    return await route(world, text === '' ? {} : (JSON.parse(text) as Body))
  } catch (error) {
    const { message } = error as Error
    return json(
      { ok: false, code: error instanceof LatchkeyError ? error.code : 'bad_request', message },
      400,
    )
  }
}

const CONTROLS: Record<string, Control> = {
  'POST /__control/reset': async (world) => {
    await world.reset()
    return done()
  },
  'POST /__control/options': (world, { options }) => {
    world.configure((options ?? {}) as Body)
    return done()
  },
  'POST /__control/user': editUser,
  'GET /__control/users': (world) => json(world.users.rows),
  'GET /__control/counters': ({ counters }) => json({ ...counters.counts, guards: counters.guards }),
  'POST /__control/fault': (world, { target, mode }) => {
    world.faults.set(target as FaultTarget, mode as FaultMode)
    return done()
  },
  'POST /__control/clock': (world, { advanceSeconds }) => {
    if (typeof advanceSeconds !== 'number') throw new Error('advanceSeconds is a number')
    world.advance(advanceSeconds)
    return json({ ok: true, now: world.now() })
  },
  'GET /__control/store': async ({ engine }) =>
    json((await engine.entries()).map((entry) => ({ kind: 'session', ...entry }))),
  'PUT /__control/store': async ({ engine }, { key, record, raw }) => {
    await engine.overwrite(String(key), record === undefined ? { raw } : { record: record as SessionRecord })
    return done()
  },
  'POST /__control/forge': async (world, body) =>
    world.arguments.sessions === 'sealed' ? json({ value: await forge(world, body) }) : unsupported(),
  'POST /__control/forgive': async (world, { username }) => {
    const user = world.users.byUsername(String(username))
    if (!user) return json({ ok: false, code: 'not_found' }, 404)
    await world.auth.forgive(structuredClone(user))
    return done()
  },
  'GET /__control/memory': (world) => json({ bytes: world.bytes }),
  'POST /__control/prune': async ({ arguments: { sessions }, engine }) =>
    engine.prune && sessions !== 'sealed' ? json({ ok: true, pruned: await engine.prune() }) : unsupported(),
  'GET /__control/events': (world) => json(world.events),
}

/** Edits the table behind the library's back; what it is given is stored as it is. */
async function editUser(world: World, { username, set }: Body): Promise<Response> {
  const { password, tokens, deleted, ...row } = (set ?? {}) as Body & { tokens?: string[] }
  const user = world.users.byUsername(String(username)) ?? world.users.add(String(username))
  if (deleted) {
    world.users.remove(user)
    return done()
  }
  Object.assign(user, row as Partial<User>)
  if (typeof password === 'string') user.hashedPassword = await world.passwords.hash(password)
  if (tokens) user.tokenHashes = tokens.map(hashApiToken)
  return done()
}
