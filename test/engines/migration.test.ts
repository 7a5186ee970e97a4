import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sealedSessions, storedSessions } from 'latchkey'
import type { TestBrowser } from 'latchkey/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../app.ts'
import { OLD, OldLibrary } from '../attacks/migrating.ts'
import { type OpenedStore, openStore } from './open.ts'
import { describeWith, freshName } from './reach.ts'

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-migration-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

for (const engine of ['redis', 'postgres', 'mysql', 'sqlite'] as const) {
  describeWith(engine === 'sqlite' ? [] : [engine], `old sessions at two processes over ${engine}`, () => {
    let place: string
    let stores: OpenedStore[]
    beforeAll(() => {
      place = engine === 'sqlite' ? path.join(scratch, 'migration.db') : freshName('migration')
    })
    beforeEach(async () => {
      stores = [await openStore(engine, { place }), await openStore(engine, { place })]
      await stores[0]?.setUp()
    })
    afterEach(async () => {
      await stores[0]?.tearDown()
      for (const store of stores) await store.close()
    })

    describe.each([
      ['stored', ({ records }: OpenedStore) => ({ sessions: storedSessions(records) })],
      ['sealed', ({ records }: OpenedStore) => ({ sessions: sealedSessions(), records })],
    ] as const)('%s', (_, options) => {
      const start = () => {
        const old = new OldLibrary()
        old.put('of-alice', { userId: 'alice', cart: ['book'] })
        const apps = stores.map((store) =>
          testApp({ ...options(store), migrate: old.migrate(), now: Date.now }),
        )
        const tab = (i: number): readonly [TestApp, TestBrowser] => {
          const app = apps[i % 2] as TestApp
          const browser = app.browser()
          browser.cookies.set(OLD, 'of-alice')
          return [app, browser]
        }
        return { old, tabs: Array.from({ length: 6 }, (_, i) => tab(i)) }
      }
      const ours = ([, { cookies }]: readonly [TestApp, TestBrowser]): boolean =>
        cookies.has('__Host-session')

      test('six tabs share one session', async () => {
        const { tabs } = start()
        const seen = await Promise.all(
          tabs.map(([app, browser]) =>
            app.during(browser, async (auth) => [
              (await auth.authenticate()).userId,
              await auth.session.get('cart'),
            ]),
          ),
        )
        expect(seen).toEqual(tabs.map(() => ['alice', ['book']]))
        expect(tabs.filter(ours)).toHaveLength(1)
      })

      test('a logout of a tab that came second ends the session of the first', async () => {
        const { old, tabs } = start()
        const [[here, first], [there, second], [, third]] = tabs as [
          readonly [TestApp, TestBrowser],
          readonly [TestApp, TestBrowser],
          readonly [TestApp, TestBrowser],
        ]
        expect(await here.whoIs(first)).toBe('alice')
        await there.during(second, (auth) => auth.logout())
        // The one browser that all of them are: the number that the logout has left, and the session that came late.
        for (const [name, value] of second.cookies) first.cookies.set(name, value)
        old.put('of-alice', { userId: 'alice' })
        expect(await here.whoIs(first)).toBeNull()
        expect(await there.whoIs(Object.assign(there.browser(), { cookies: first.cookies }))).toBeNull()
        expect(await here.whoIs(third)).toBeNull()
      })
    })
  })
}
