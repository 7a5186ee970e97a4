import { LatchkeyError } from 'latchkey'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { queued } from '../../../src/password/queue.ts'

/** Work that is done when the test says so. */
function work(): { readonly run: () => Promise<string>; readonly finish: () => void } {
  let finish = (): void => {}
  const done = new Promise<string>((resolve) => {
    finish = () => resolve('done')
  })
  return { run: () => done, finish: () => finish() }
}

const isFull = (error: unknown): boolean =>
  error instanceof LatchkeyError && error.code === 'password_queue_full'

describe('password work in Workers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.stubGlobal('WebSocketPair', class {})
  })
  afterEach(() => {
    vi.advanceTimersByTime(60_000)
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  test('nobody waits for another request: four run at once, a fifth is told to come later', async () => {
    const works = Array.from({ length: 4 }, work)
    const running = works.map(({ run }) => queued(run))
    await expect(queued(work().run)).rejects.toSatisfy(isFull)
    works[0]?.finish()
    expect(await running[0]).toBe('done')
    const next = work()
    const fifth = queued(next.run)
    next.finish()
    expect(await fifth).toBe('done')
    for (const { finish } of works) finish()
    await Promise.all(running)
  })

  test('work that fails gives its place back', async () => {
    for (let i = 0; i < 10; i++)
      await expect(queued(() => Promise.reject(new Error('broke')))).rejects.toThrow('broke')
    expect(await queued(async () => 'done')).toBe('done')
  })

  test('a place that its holder left is free after half a minute', async () => {
    // Cancelled requests: their work never ends.
    for (let i = 0; i < 4; i++) void queued(work().run)
    vi.advanceTimersByTime(29_000)
    await expect(queued(async () => 'done')).rejects.toSatisfy(isFull)
    vi.advanceTimersByTime(1_000)
    expect(await queued(async () => 'done')).toBe('done')
  })
})
