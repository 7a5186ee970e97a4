import fc from 'fast-check'
import { type Limiter, memoryLimiter } from 'latchkey'
import { testClock } from 'latchkey/testing'
import { describe, expect, test } from 'vitest'
import { Throttle } from '../../../src/login/throttle.ts'

const LIMIT = 3
const TOTAL = 5

/** Every call waits for the scheduler, before it and after it, so that all orders are tried. */
function scheduled(inner: Limiter, scheduler: fc.Scheduler): Limiter {
  const at = async <T>(name: string, call: () => T | Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), `before ${name}`)
    const answer = await call()
    await scheduler.schedule(Promise.resolve(), `after ${name}`)
    return answer
  }
  return {
    reserve: (...args) => at('reserve', () => inner.reserve(...args)),
    settle: (...args) => at('settle', () => inner.settle(...args)),
    forget: (key) => at('forget', () => inner.forget(key)),
  }
}

interface Try {
  readonly network: 'a' | 'b'
  readonly isRight: boolean
}

const tries = fc.array(
  fc.record({ network: fc.constantFrom('a' as const, 'b' as const), isRight: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
)

/** Makes all of these attempts at one account at once. `running` is told of each password that is looked at. */
async function together(all: readonly Try[], scheduler: fc.Scheduler, running: (looked: Looked) => void) {
  const clock = testClock()
  const limiter = memoryLimiter({ now: clock.now })
  const options = { perAccount: LIMIT, perAccountTotal: TOTAL, perNetwork: 1000, windowSeconds: 60 }
  const throttle = new Throttle(options, { limiter: scheduled(limiter, scheduler), now: clock.now })
  const looked: Looked = { failed: 0, under: 0, failedBy: { a: 0, b: 0 }, underBy: { a: 0, b: 0 } }
  const made = all.map(async ({ network, isRight }) => {
    const attempt = await throttle.attempt(network)
    if ((await attempt.reserveNetwork()) > 0 || (await attempt.reserveAccount({ id: 1 }, '')) > 0) {
      await attempt.settle('nothing')
      return 'throttled'
    }
    looked.under++
    looked.underBy[network]++
    running(looked)
    await scheduler.schedule(Promise.resolve(), 'password work')
    looked.under--
    looked.underBy[network]--
    if (!isRight) looked.failed++
    if (!isRight) looked.failedBy[network]++
    await attempt.settle(isRight ? 'success' : 'failure')
    return isRight ? 'in' : 'wrong'
  })
  const outcomes = await scheduler.waitFor(Promise.all(made))
  return { outcomes, looked, limiter }
}

interface Looked {
  failed: number
  under: number
  readonly failedBy: Record<'a' | 'b', number>
  readonly underBy: Record<'a' | 'b', number>
}

/** Tries many orders. Pauses are of the scheduler's making too: they end in any order. */
async function inAnyOrder(story: (all: readonly Try[], scheduler: fc.Scheduler) => Promise<void>) {
  const { setTimeout } = globalThis
  let current: fc.Scheduler | undefined
  Reflect.set(globalThis, 'setTimeout', (then: () => void) => {
    void current?.schedule(Promise.resolve(), 'a pause').then(then)
    return 0
  })
  try {
    const property = fc.asyncProperty(tries, fc.scheduler(), (all, scheduler) => {
      current = scheduler
      return story(all, scheduler)
    })
    await fc.assert(property, { numRuns: 150 })
  } finally {
    Reflect.set(globalThis, 'setTimeout', setTimeout)
  }
}

describe('many attempts at one account, in any order', () => {
  test('of wrong ones no more than the limits are ever looked at, those under way included', () =>
    inAnyOrder(async (all, scheduler) => {
      const wrong = all.map(({ network }) => ({ network, isRight: false }))
      const { outcomes, looked } = await together(
        wrong,
        scheduler,
        ({ failed, under, failedBy, underBy }) => {
          expect(failed + under).toBeLessThanOrEqual(TOTAL)
          for (const network of ['a', 'b'] as const)
            expect(failedBy[network] + underBy[network]).toBeLessThanOrEqual(LIMIT)
        },
      )
      const from = (network: string): number => wrong.filter((one) => one.network === network).length
      // And all that may be: nobody keeps a place that nobody else gets.
      const allowed = Math.min(TOTAL, Math.min(LIMIT, from('a')) + Math.min(LIMIT, from('b')))
      expect(looked.failed).toBe(allowed)
      expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(allowed)
    }))

  test('right ones are all let in', () =>
    inAnyOrder(async (all, scheduler) => {
      const right = all.slice(0, LIMIT + 2).map(({ network }) => ({ network, isRight: true }))
      const { outcomes } = await together(right, scheduler, () => {})
      expect(new Set(outcomes)).toEqual(new Set(['in']))
    }))

  test('right and wrong ones: no more wrong ones than in all, and no place is left taken', () =>
    inAnyOrder(async (all, scheduler) => {
      const { looked, limiter } = await together(all, scheduler, ({ failed, under }) => {
        expect(failed + under).toBeLessThanOrEqual(TOTAL)
      })
      expect(looked.under).toBe(0)
      if (looked.failed === 0) expect(limiter.bytes).toBe(0)
    }))
})
