import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { SESSION_MODES, Users } from '../app.ts'
import { JSON_ONLY, judged, RULES, start } from './by-path.ts'

describe.each(Object.entries(SESSION_MODES))('with sessions: %s', (_, sessions) => {
  test('what needs no user still knows him', async () => {
    const { ask, login } = start(RULES, sessions())
    const headers = { cookie: await login() }
    for (const path of ['/area/public', '/area/health', '/', '/areal', '/admin'])
      expect(await (await ask(path, { headers })).text()).toBe('MARKER alice')
  })

  test('a refusal that was made from a session says so to caches, and gives no cookie', async () => {
    for (const rules of [RULES, { ...RULES, redirectTo: '/login' }]) {
      const { ask, login } = start(rules, sessions())
      const cookie = await login()
      for (const path of ['/admin', '/area']) {
        const answer = await ask(path)
        expect(answer.headers.get('vary')).toBe('Cookie')
        expect(answer.headers.getSetCookie()).toEqual([])
      }
      expect((await ask('/admin', { headers: { cookie } })).headers.get('vary')).toBe('Cookie')
    }
  })

  test('a session that has ended is refused, and its cookie taken back once it is not in use', async () => {
    const clock = testClock()
    const { ask, login, users } = start(RULES, { ...sessions(clock), now: clock.now })
    const headers = { cookie: await login() }
    users.change('alice', { sessionEpoch: 1 })
    const suspended = await ask('/admin', { headers })
    expect([await judged(suspended), suspended.headers.getSetCookie()]).toEqual([401, []])
    clock.advance(361)
    const answer = await ask('/admin', { headers })
    expect(await judged(answer)).toBe(401)
    expect(answer.headers.getSetCookie().join()).toContain('Max-Age=0')
  })

  test('a table of users that is down lets nobody pass, and public pages stand', async () => {
    const broken = { isDown: false }
    const users = new Users()
    const findById = (id: string | number) => {
      if (broken.isDown) throw new Error('postgres://app:s3cret@db.internal')
      return users.provider.findById(id)
    }
    const { ask, login } = start(RULES, { ...sessions(), users: { ...users.provider, findById } })
    const headers = { cookie: await login(), ...JSON_ONLY }
    broken.isDown = true
    const answer = await ask('/admin', { headers })
    expect([answer.status, await answer.text()]).toEqual([503, '{"ok":false,"code":"backend_failed"}'])
    expect(answer.headers.getSetCookie()).toEqual([])
    broken.isDown = false
    expect(await judged(await ask('/admin', { headers }))).toBe('marker')
  })
})
