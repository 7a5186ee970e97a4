// What is measured: per operation how its input is made and what is undone afterwards, both outside of the clock.
import { serializeCookie } from '../../../dist/adapter.js'
import {
  authOver,
  DAY_MS,
  idOf,
  population,
  recordOf,
  requestAfter,
  requestOf,
  SESSIONS_OF_MANY,
  visitorRequest,
} from './population.mjs'

/**
 * `times` is how often per round, `floor` what it is a multiple of. `isTiny` marks what takes so little in memory that
 * many are timed together. `check` says whether the operation did its work.
 */
export function operationsOf({ records, bareRead, bareWrite }, size) {
  const { any, active, anyActive, anyUser, anyOfMany, userIdOf } = population(size)
  const auth = authOver(records)

  async function login({ request, user }) {
    const visit = auth.open(request)
    await visit.auth.loginUser(user, { method: 'password' })
    return serializeCookie((await visit.close({ failed: false })).cookies[0])
  }
  async function logout(request) {
    const visit = auth.open(request)
    await visit.auth.logout()
    return serializeCookie((await visit.close({ failed: false })).cookies[0])
  }
  function who({ request }) {
    const token = auth.open(request, { readOnly: true }).auth.authenticate()
    return token instanceof Promise ? token.then(({ userId }) => userId) : token.userId
  }
  const whoOf = (draw) => ({
    input: () => {
      const i = draw()
      return { request: requestOf(i), userId: userIdOf(i) }
    },
    run: who,
    check: (userId, input) => userId === input.userId,
  })
  const ofAny = 'floor: any session'
  const ofActive = 'floor: one of 1,000'
  const isThere = (found) => found !== null && found !== undefined
  let writes = 0

  const operations = [
    { name: ofAny, floor: ofAny, times: 500, isTiny: true, input: any, ...onId(bareRead, isThere) },
    {
      name: ofActive,
      floor: ofActive,
      times: 500,
      isTiny: true,
      input: anyActive,
      ...onId(bareRead, isThere),
    },
    {
      name: 'read',
      floor: ofAny,
      times: 500,
      isTiny: true,
      input: any,
      ...onId(records.read, isThere, records),
    },
    { name: 'who is this request', floor: ofAny, times: 500, ...whoOf(any) },
    { name: 'the same, one of 1,000 who come again', floor: ofActive, times: 500, ...whoOf(anyActive) },
    { name: 'a bare write', floor: ofAny, times: 300, isTiny: true, input: any, ...onId(bareWrite, isThere) },
    {
      name: 'write',
      floor: ofAny,
      times: 300,
      isTiny: true,
      input: () => {
        const renewedAt = Date.now()
        const times = { renewedAt, expiresAt: renewedAt + DAY_MS, keptUntil: renewedAt + DAY_MS }
        return { id: idOf(any()), patch: { locale: `en-${writes++ % 100}` }, times }
      },
      run: ({ id, patch, times }) => records.update(id, patch, times),
      check: (updated) => updated === true,
    },
    {
      name: 'login',
      floor: ofAny,
      times: 150,
      input: () => ({ request: visitorRequest(), user: anyUser() }),
      run: login,
      check: (cookie) => cookie?.startsWith('session='),
      after: (cookie) => logout(requestAfter(cookie)),
    },
    {
      name: 'logout',
      floor: ofAny,
      times: 150,
      input: async () => requestAfter(await login({ request: visitorRequest(), user: anyUser() })),
      run: logout,
      check: (cookie) => cookie?.includes('Max-Age=0'),
    },
    {
      name: 'revoke all 10 of a user',
      floor: ofAny,
      times: 40,
      input: () => {
        const sessions = anyOfMany()
        return { sessions, request: requestOf(sessions[0]) }
      },
      run: ({ request }) => auth.open(request).auth.devices.revokeAll(),
      check: (ended) => ended === SESSIONS_OF_MANY,
      // Where each was, its reason is.
      after: (_, { sessions }) =>
        Promise.all(
          sessions.map(async (i) => {
            await records.delete(idOf(i))
            return records.create(idOf(i), recordOf(i))
          }),
        ),
    },
  ]
  return {
    operations,
    /** Whoever comes again and again has been here before. */
    async meetActive() {
      for (const i of active()) await who({ request: requestOf(i) })
    },
  }
}

/** An operation that takes an id, whose input is the number of a session. */
function onId(call, check, self) {
  return { prepare: idOf, run: self ? (id) => call.call(self, id) : call, check }
}
