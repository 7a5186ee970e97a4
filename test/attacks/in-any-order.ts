import fc from 'fast-check'
import {
  type AuthOptions,
  type IndexedRecordStore,
  memoryRecords,
  type RecordEntry,
  type RequestAuth,
  type SessionStrategy,
} from 'latchkey'
import { type TestBrowser, testClock } from 'latchkey/testing'
import { type TestApp, type TestUser, testApp } from '../app.ts'

/** Every call to the store waits for the scheduler, before it and after it, so that all orders are tried. */
function scheduled(inner: IndexedRecordStore, scheduler: fc.Scheduler): IndexedRecordStore {
  const at = async <T>(name: string, call: () => T | Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), `before ${name}`)
    const answer = await call()
    await scheduler.schedule(Promise.resolve(), `after ${name}`)
    return answer
  }
  return {
    read: (id) => at('read', () => inner.read(id)),
    create: (id, record) => at('create', () => inner.create(id, record)),
    update: (id, patch, times) => at('update', () => inner.update(id, patch, times)),
    supersede: (id, by, expiresAt) => at('supersede', () => inner.supersede(id, by, expiresAt)),
    delete: (id, condition) => at('delete', () => inner.delete(id, condition)),
    listByOwner: (owner) => at('list', () => inner.listByOwner(owner)),
    // As where the index lies apart from the records: one after the other, and others come between.
    async deleteByOwner(owner) {
      const ended: RecordEntry[] = []
      for (const { id } of await at('list', () => inner.listByOwner(owner))) {
        const record = await at('delete', () => inner.delete(id))
        if (record) ended.push({ id, record })
      }
      return ended
    },
  }
}

type Auth = RequestAuth<TestUser>

/** A request that throws this fails, and the race goes on. */
export const FAILURE: Error = new Error('a request that fails')

export interface Race {
  readonly app: TestApp
  /** The browser as it is before the race: logged in as alice, unless told otherwise. */
  readonly browser: TestBrowser
  /** Ten seconds on: past the time for which an old id reads. */
  later(): void
  /** Runs all in parallel, each from the cookie of the start, in an order that the scheduler chooses. */
  together(...works: ((auth: Auth) => Promise<unknown>)[]): Promise<TestBrowser[]>
}

function expected(error: unknown): void {
  if (error !== FAILURE) throw error
}

/** Tries many orders of one race. The store is open to the scheduler only while the race is on. */
export async function inAnyOrder(
  sessionsOver: (store: IndexedRecordStore) => SessionStrategy,
  story: (race: Race) => Promise<void>,
  options: Partial<AuthOptions<TestUser, unknown>> = {},
  enter: (app: TestApp, browser: TestBrowser) => unknown = (app, browser) =>
    app.login(browser, 'alice', 'wonderland'),
  numRuns = 150,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const clock = testClock()
      const calm = memoryRecords({ now: clock.now })
      const wild = scheduled(calm, scheduler)
      let isOn = false
      const store = new Proxy(calm as IndexedRecordStore, {
        get: (_, name: keyof IndexedRecordStore) =>
          ((...args: never[]) => (isOn ? wild : calm)[name](...(args as [never, never, never]))) as never,
      })
      const app = testApp(
        {
          sessions: sessionsOver(store),
          touchSeconds: 0,
          timeLimitSeconds: 60,
          ...options,
        },
        clock,
      )
      const browser = app.browser()
      await enter(app, browser)
      await story({
        app,
        browser,
        later: () => clock.advance(10),
        async together(...works) {
          isOn = true
          const copies = works.map(() => browser.copy())
          const all = Promise.all(
            works.map((work, i) => app.during(copies[i] as TestBrowser, work).catch(expected)),
          )
          await scheduler.waitFor(all)
          isOn = false
          return copies
        },
      })
    }),
    { numRuns },
  )
}
