import type { Limiter, Limits, MaybePromise, Settlement } from 'latchkey'
import { type TestClock, testClock } from './clock.ts'
import { type ContractCase, same } from './contract.ts'

/** What a case works with: one key of a new, empty limiter. */
interface Subject {
  readonly limiter: Limiter
  readonly clock: TestClock
  reserve(source?: string, limits?: Limits): MaybePromise<unknown>
  settle(as: Settlement, source?: string, limits?: Limits): MaybePromise<void>
  /** So many attempts that fail, one after the other. */
  fail(times: number, source?: string, limits?: Limits): Promise<void>
}

type Case = readonly [name: string, check: (subject: Subject) => Promise<void>]

const LIMITS: Limits = { perSource: 3, total: 5, windowSeconds: 60 }
/** As a known browser has them, and the key of a network. */
const ALONE: Limits = { perSource: 3, windowSeconds: 60 }
const ADMITTED = { waitSeconds: 0 }
const BUSY = { waitSeconds: 1, pending: true }

const CASES: readonly Case[] = [
  [
    'admits as many failures of a source as `perSource`, and refuses for the rest of the window',
    async ({ reserve, fail, clock }) => {
      await fail(3)
      same(await reserve(), { waitSeconds: 60 }, 'the fourth')
      clock.advance(20.5)
      same(await reserve(), { waitSeconds: 40 }, 'later in the window, rounded up')
      clock.advance(39.4)
      same(await reserve(), { waitSeconds: 1 }, 'at the end of the window')
      clock.advance(0.1)
      same(await reserve(), ADMITTED, 'in the next window')
    },
  ],
  [
    'begins a window with the first attempt, and does not extend it',
    async ({ reserve, fail, clock }) => {
      await fail(1)
      clock.advance(50)
      await fail(2)
      for (let i = 0; i < 3; i++) same(await reserve(), { waitSeconds: 10 }, 'refused')
      clock.advance(10)
      await fail(3)
      same(await reserve(), { waitSeconds: 60 }, 'the next window is as long')
    },
  ],
  [
    'never asks to wait longer than a window, also when the clock goes back',
    async ({ reserve, fail, clock }) => {
      await fail(3)
      clock.advance(-30)
      same(await reserve(), { waitSeconds: 60 }, 'wait')
    },
  ],
  [
    'counts another source and another key for themselves',
    async ({ limiter, reserve, fail }) => {
      await fail(3, 'a')
      same(await reserve('b'), ADMITTED, 'another source')
      same(await limiter.reserve('another-key', 'a', LIMITS), ADMITTED, 'another key')
    },
  ],
  [
    'admits no more failures of all sources than `total`',
    async ({ reserve, fail, clock }) => {
      await fail(3, 'a')
      clock.advance(10)
      await fail(2, 'b')
      same(await reserve('c'), { waitSeconds: 50 }, 'a third source')
      same(await reserve('b'), { waitSeconds: 50 }, 'one below its own limit')
    },
  ],
  [
    'admits attempts under way up to the limit, and says of the next that only those stand against it',
    async ({ reserve, settle }) => {
      for (let i = 0; i < 3; i++) same(await reserve(), ADMITTED, 'admitted')
      same(await reserve(), BUSY, 'one too many')
      await settle('nothing')
      same(await reserve(), ADMITTED, 'when one has ended')
    },
  ],
  [
    'counts attempts under way and failures together',
    async ({ reserve, settle, fail }) => {
      await fail(2)
      same(await reserve(), ADMITTED, 'the last')
      same(await reserve(), BUSY, 'beside it')
      await settle('failure')
      same(await reserve(), { waitSeconds: 60 }, 'when it has failed')
    },
  ],
  [
    'counts attempts under way in all as well',
    async ({ reserve, settle }) => {
      for (const source of ['a', 'a', 'a', 'b', 'b']) await reserve(source)
      same(await reserve('c'), BUSY, 'a sixth')
      await settle('nothing', 'b')
      same(await reserve('c'), ADMITTED, 'when one has ended')
    },
  ],
  [
    'takes no place anywhere for what it refuses',
    async ({ reserve, settle }) => {
      for (let i = 0; i < 3; i++) await reserve('a')
      for (let i = 0; i < 5; i++) same(await reserve('a'), BUSY, 'refused by its source')
      await reserve('b')
      await reserve('b')
      for (let i = 0; i < 5; i++) same(await reserve('c'), BUSY, 'refused in all')
      for (const source of ['a', 'a', 'a', 'b', 'b']) await settle('nothing', source)
      for (let i = 0; i < 3; i++) same(await reserve('c'), ADMITTED, 'its own places are free')
    },
  ],
  [
    'counts nothing for attempts without a verdict, however many',
    async ({ reserve, settle }) => {
      for (let i = 0; i < 10; i++) {
        same(await reserve(), ADMITTED, 'admitted')
        await settle('nothing')
      }
    },
  ],
  [
    'clears the failures of its own source by a success',
    async ({ reserve, settle, fail }) => {
      await fail(2, 'a')
      await fail(2, 'b')
      await reserve('a')
      await settle('success', 'a')
      await fail(1, 'a')
      same(await reserve('a'), { waitSeconds: 60 }, 'in all, they stay: 2 + 2 + 1')
    },
  ],
  [
    'clears no other source by a success, and keeps attempts under way',
    async ({ reserve, settle, fail }) => {
      const limits = { ...LIMITS, total: 100 }
      await fail(3, 'b', limits)
      await fail(1, 'a', limits)
      await reserve('a', limits)
      await reserve('a', limits)
      await settle('success', 'a', limits)
      same(await reserve('b', limits), { waitSeconds: 60 }, 'the other source')
      await reserve('a', limits)
      await reserve('a', limits)
      same(await reserve('a', limits), BUSY, 'three under way')
    },
  ],
  [
    'counts a source without `total` for itself alone',
    async ({ reserve, fail }) => {
      await fail(3, 'known', ALONE)
      same(await reserve('known', ALONE), { waitSeconds: 60 }, 'at its own limit')
      await fail(3, 'a')
      await fail(2, 'b')
      same(await reserve('b'), { waitSeconds: 60 }, 'all of the others')
      same(await reserve('other-known', ALONE), ADMITTED, 'another known one')
    },
  ],
  [
    'has a source without a name',
    async ({ reserve, fail }) => {
      await fail(3, '', ALONE)
      same(await reserve('', ALONE), { waitSeconds: 60 }, 'refused')
      same(await reserve('a', ALONE), ADMITTED, 'another one')
    },
  ],
  [
    'forgets attempts under way when none has begun for 30 s',
    async ({ reserve, settle, clock }) => {
      await reserve()
      clock.advance(20)
      await reserve()
      await reserve()
      clock.advance(29.9)
      same(await reserve(), BUSY, 'before')
      clock.advance(0.1)
      for (let i = 0; i < 3; i++) same(await reserve(), ADMITTED, 'after')
      same(await reserve(), BUSY, 'those are under way')
      for (let i = 0; i < 3; i++) await settle('failure')
      same(await reserve(), { waitSeconds: 10 }, 'in the window that began with the first')
    },
  ],
  [
    'counts the failure of an attempt that was forgotten as one under way',
    async ({ reserve, settle, clock }) => {
      for (let i = 0; i < 3; i++) await reserve()
      clock.advance(30)
      for (let i = 0; i < 3; i++) await settle('failure')
      same(await reserve(), { waitSeconds: 30 }, 'refused')
    },
  ],
  [
    'settles nothing in a window that is over',
    async ({ reserve, settle, clock }) => {
      for (let i = 0; i < 3; i++) await reserve()
      clock.advance(60)
      for (let i = 0; i < 3; i++) await settle('failure')
      for (let i = 0; i < 3; i++) same(await reserve(), ADMITTED, 'the next window')
    },
  ],
  [
    'settles what was never reserved, and changes nothing',
    async ({ reserve, settle, fail }) => {
      for (const as of ['failure', 'success', 'nothing'] as const) await settle(as)
      await fail(1)
      await settle('nothing')
      await fail(2)
      same(await reserve(), { waitSeconds: 60 }, 'three failures')
    },
  ],
  [
    'forgets a key with all its sources, and no other key',
    async ({ limiter, reserve, fail }) => {
      await fail(3, 'a')
      await fail(2, 'b')
      for (let i = 0; i < 3; i++) await limiter.reserve('another-key', 'a', LIMITS)
      await limiter.forget('key')
      for (let i = 0; i < 3; i++) same(await reserve('a'), ADMITTED, 'admitted')
      same(await limiter.reserve('another-key', 'a', LIMITS), BUSY, 'the other key')
      await limiter.forget('a-key-that-never-was')
    },
  ],
  [
    'takes keys and sources of 64 characters, and tells capitals apart',
    async ({ limiter }) => {
      const key = `${'-_'.repeat(31)}aZ`
      for (let i = 0; i < 3; i++) same(await limiter.reserve(key, key, LIMITS), ADMITTED, 'admitted')
      same(await limiter.reserve(key, key, LIMITS), BUSY, 'the same')
      same(await limiter.reserve(key, key.toLowerCase(), LIMITS), ADMITTED, 'another source')
      same(await limiter.reserve(key.toLowerCase(), key, LIMITS), ADMITTED, 'another key')
    },
  ],
  [
    'keeps 1,000 sources of a key; a further one counts in all, and without `total` waits for a window',
    async ({ reserve, settle }) => {
      const limits = { perSource: 1, total: 3, windowSeconds: 60 }
      for (let i = 0; i < 1000; i += 50) {
        const sources = Array.from({ length: 50 }, (_, j) => `source-${i + j}`)
        await Promise.all(sources.map((source) => reserve(source, ALONE)))
      }
      same(await reserve('further', ALONE), { waitSeconds: 60 }, 'alone')
      for (let i = 0; i < 3; i++) same(await reserve('further', limits), ADMITTED, 'in all')
      same(await reserve('further', limits), BUSY, 'in all, one too many')
      await settle('nothing', 'further', limits)
      same(await reserve('source-0', limits), BUSY, 'one that is kept')
      same(await reserve('further', limits), ADMITTED, 'in all, one less')
    },
  ],
  [
    'admits exactly as many as fit, however many ask at the same time',
    async ({ reserve, settle }) => {
      const limits = { perSource: 40, total: 100, windowSeconds: 60 }
      const sources = Array.from({ length: 200 }, (_, i) => `source-${i % 4}`)
      const ask = async (source: string) =>
        ((await reserve(source, limits)) as { waitSeconds: number }).waitSeconds === 0 ? [source] : []
      const admitted = (await Promise.all(sources.map(ask))).flat()
      same(admitted.length, 100, 'admitted')
      await Promise.all(admitted.map((source) => settle('failure', source, limits)))
      for (let i = 0; i < 4; i++)
        same(await reserve(`source-${i}`, limits), { waitSeconds: 60 }, 'afterwards')
    },
  ],
]

/**
 * The contract of `Limiter`: one case per requirement. Run them against your own:
 *
 *     for (const { name, run } of limiterContract((clock) => myLimiter({ now: clock.now }))) test(name, run)
 *
 * @param make Returns a new, empty limiter for each case, which reads the time from this clock.
 */
export function limiterContract(make: (clock: TestClock) => MaybePromise<Limiter>): readonly ContractCase[] {
  return CASES.map(([name, check]) => ({
    name,
    async run() {
      const clock = testClock()
      const limiter = await make(clock)
      const reserve: Subject['reserve'] = (source = 'a', limits = LIMITS) =>
        limiter.reserve('key', source, limits)
      const settle: Subject['settle'] = (as, source = 'a', limits = LIMITS) =>
        limiter.settle('key', source, as, limits)
      await check({
        limiter,
        clock,
        reserve,
        settle,
        async fail(times, source, limits) {
          for (let i = 0; i < times; i++) {
            same(await reserve(source, limits), ADMITTED, `attempt ${i + 1} of ${times}`)
            await settle('failure', source, limits)
          }
        },
      })
    },
  }))
}
