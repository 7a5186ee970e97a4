import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { sealedSessions, storedSessions } from 'latchkey'
import { type SessionVisitor, sessionStoreContract, type TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { testApp } from '../app.ts'
import { type OpenedStore, openStore } from './open.ts'
import { describeWith, freshName } from './reach.ts'

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-sessions-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

for (const engine of ['redis', 'postgres', 'mysql', 'sqlite'] as const) {
  describeWith(engine === 'sqlite' ? [] : [engine], `SessionStore over ${engine}`, () => {
    let store: OpenedStore
    beforeAll(async () => {
      const place = engine === 'sqlite' ? path.join(scratch, 'sessions.db') : freshName('sessions')
      store = await openStore(engine, { place })
      await store.setUp()
    })
    afterAll(async () => {
      await store.tearDown()
      await store.close()
    })

    describe.each([
      ['stored', () => storedSessions(store.records), true],
      ['sealed, with a revocation list', () => sealedSessions({ revocation: store.records }), false],
    ] as const)('%s', (_, sessions, canEndCopies) => {
      const make = (): SessionVisitor => {
        const app = testApp({ sessions: sessions(), now: Date.now })
        const visitor = (browser: TestBrowser): SessionVisitor => ({
          request: (use) => app.during(browser, ({ session }) => use(session)),
          copy: () => visitor(browser.copy()),
        })
        return visitor(app.browser())
      }
      for (const { name, run } of sessionStoreContract(make, { canEndCopies })) test(name, run)
    })
  })
}
