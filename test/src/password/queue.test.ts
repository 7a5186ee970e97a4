import { describe, expect, onTestFinished, test } from 'vitest'
import { queued } from '../../../src/password/queue.ts'

/** Work that is done when the test says so. */
function work(): { readonly run: () => Promise<string>; readonly finish: () => void } {
  let finish = (): void => {}
  const done = new Promise<string>((resolve) => {
    finish = () => resolve('done')
  })
  return { run: () => done, finish: () => finish() }
}

// By its code: where the package is tested as it is installed, the sources have a class of their own.
const isFull = (error: unknown): boolean => (error as { code?: unknown }).code === 'password_queue_full'

/** The rest of this test is in a Worker, whose clock stands still until it is moved. */
function inWorker(): { advance(ms: number): void } {
  const { now } = Date
  const isOne = 'WebSocketPair' in globalThis
  let time = now()
  Date.now = () => time
  if (!isOne) Reflect.set(globalThis, 'WebSocketPair', class {})
  onTestFinished(() => {
    Date.now = now
    if (!isOne) Reflect.deleteProperty(globalThis, 'WebSocketPair')
  })
  return {
    advance(ms) {
      time += ms
    },
  }
}

describe('password work in Workers', () => {
  test('nobody waits for another request: four run at once, a fifth is told to come later', async () => {
    inWorker()
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
    inWorker()
    for (let i = 0; i < 10; i++)
      await expect(queued(() => Promise.reject(new Error('broke')))).rejects.toThrow('broke')
    expect(await queued(async () => 'done')).toBe('done')
  })

  test('a place that its holder left is free after ten seconds', async () => {
    const { advance } = inWorker()
    // Cancelled requests: their work never ends.
    for (let i = 0; i < 4; i++) void queued(work().run)
    advance(9_000)
    await expect(queued(async () => 'done')).rejects.toSatisfy(isFull)
    advance(1_000)
    expect(await queued(async () => 'done')).toBe('done')
  })
})
