import { onTestFinished } from 'vitest'

/** Timers that end when the test says so. */
export interface ManualTimers {
  /** Moves on, and ends every timer that is due, in order. */
  advance(ms: number): Promise<void>
  /** What comes of it, with all the time that it takes. Digests are made by real threads, which are waited for. */
  soon<T>(promise: Promise<T>): Promise<T>
  /** The sum of all timers that were set, in milliseconds. */
  asked(): number
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The rest of this test has such timers. By hand, since the tests run where vitest's own are missing. */
export function manualTimers(): ManualTimers {
  const { setTimeout, clearTimeout } = globalThis
  const waiting = new Map<number, { readonly at: number; readonly end: () => void }>()
  let [now, timers, asked] = [0, 0, 0]
  Reflect.set(globalThis, 'setTimeout', (then: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    asked += ms
    waiting.set(++timers, { at: now + ms, end: () => then(...args) })
    return timers
  })
  Reflect.set(globalThis, 'clearTimeout', (timer: number) => {
    waiting.delete(timer)
  })
  onTestFinished(() => {
    Reflect.set(globalThis, 'setTimeout', setTimeout)
    Reflect.set(globalThis, 'clearTimeout', clearTimeout)
  })
  const advance = async (ms: number): Promise<void> => {
    const until = now + ms
    for (;;) {
      await turn()
      const [next] = [...waiting].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at)
      if (!next) break
      const [timer, { at, end }] = next
      waiting.delete(timer)
      now = at
      end()
    }
    now = until
  }
  return {
    advance,
    async soon(promise) {
      let isOver = false
      const end = (): void => {
        isOver = true
      }
      promise.then(end, end)
      while (!isOver) await advance(100)
      return promise
    },
    asked: () => asked,
  }
}
