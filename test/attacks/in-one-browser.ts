import fc from 'fast-check'
import { type AuthOptions, type RequestAuth, sealedSessions } from 'latchkey'
import { TestBrowser, type TestClock, testClock } from 'latchkey/testing'
import { ORIGIN, type TestApp, type TestUser, testApp } from '../app.ts'

type Auth = RequestAuth<TestUser>
/** One request. `pause` gives way to the others. */
export type Work = (auth: Auth, pause: () => Promise<void>, app: TestApp) => Promise<unknown>

/** Lets what threads have done come in. */
const aTurn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

/** How a story begins, if not with sealed sessions and a login of alice. */
interface Beginning {
  readonly touchSeconds?: number
  /** The options of both processes. */
  readonly options?: (clock: TestClock) => Partial<AuthOptions<TestUser, unknown>>
  readonly numRuns?: number
  readonly enter?: (app: TestApp, browser: TestBrowser) => Promise<unknown>
}

/**
 * Runs these in parallel in one browser, whose cookies they all share, in an order that the scheduler chooses. Each process
 * is then asked who the browser is, and the judge is given the answers.
 */
export async function inOneBrowser(
  processes: 1 | 2,
  works: readonly Work[],
  judge: (who: string | number | null) => void,
  {
    touchSeconds = 0,
    numRuns = 100,
    options = () => ({ sessions: sealedSessions() }),
    enter = (app, browser) => app.login(browser, 'alice', 'wonderland'),
  }: Beginning = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const clock = testClock()
      const shared = options(clock)
      const process = () => testApp({ touchSeconds, ...shared }, clock)
      const apps = processes === 1 ? [process()] : [process(), process()]
      const pause = (): Promise<void> => scheduler.schedule(Promise.resolve())
      const browser = (apps[0] as TestApp).browser()
      await enter(apps[0] as TestApp, browser)
      clock.advance(1)
      let running = works.length
      const request = async (work: Work, i: number): Promise<void> => {
        const app = apps[i % apps.length] as TestApp
        // The cookies of the browser, at the time when it sends and when it receives.
        const tab = new TestBrowser(async (request) => {
          const response = await app.handle(request)
          await pause()
          return response
        }, ORIGIN)
        Object.assign(tab, { cookies: browser.cookies })
        await app.during(tab, async (auth) => {
          await pause()
          await work(auth, pause, app)
          await pause()
        })
      }
      const all = Promise.all(works.map((work, i) => request(work, i).finally(() => running--)))
      while (running > 0) {
        // Sealing takes a thread: an order is chosen once each request has come to its next pause, or to its end.
        while (scheduler.count() < running) await aTurn()
        if (running > 0) await scheduler.waitNext(1)
      }
      await all
      for (const app of apps)
        judge(await app.whoIs(Object.assign(app.browser(), { cookies: browser.cookies })))
    }),
    { numRuns, endOnFailure: true },
  )
}
