import { describe, expect, onTestFinished, test } from 'vitest'
import { FairLine } from '../../../src/password/fair-line.ts'
import { inLine, inTurn } from '../../../src/password/line.ts'
import { type ManualTimers, manualTimers } from '../../timers.ts'

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

describe('a fair line', () => {
  /** Who came out of it, and who was turned away, by name. */
  function start(most: number) {
    const line = new FairLine(most)
    const entered: string[] = []
    const turnedAway: string[] = []
    const join = (group: string, ...names: string[]): void => {
      for (const name of names)
        line.join(group, { enter: () => entered.push(name), turnAway: () => turnedAway.push(name) })
    }
    const all = (): readonly string[] => {
      for (let next = line.next(); next; next = line.next()) next.enter()
      return entered
    }
    return { line, join, all, turnedAway }
  }

  test('lets groups take turns, and each group in its own order', () => {
    const { join, all } = start(10)
    join('flood', 'f1', 'f2', 'f3', 'f4')
    join('a', 'a1')
    join('b', 'b1', 'b2')
    expect(all()).toEqual(['f1', 'a1', 'b1', 'f2', 'b2', 'f3', 'f4'])
  })

  test('puts a group that comes again behind those that wait', () => {
    const { line, join, all } = start(10)
    join('flood', 'f1', 'f2', 'f3')
    line.next()?.enter()
    join('a', 'a1')
    expect(all()).toEqual(['f1', 'f2', 'a1', 'f3'])
  })

  test.each([
    ['turns away the last of the group with the most, for one of another', 'a', ['f3'], ['f1', 'a1', 'f2']],
    ['turns away the newcomer, if its own group has the most', 'flood', ['new'], ['f1', 'f2', 'f3']],
  ])('when it is full, %s', (_, group, turned, left) => {
    const { join, all, turnedAway } = start(3)
    join('flood', 'f1', 'f2', 'f3')
    join(group, group === 'flood' ? 'new' : 'a1')
    expect(turnedAway).toEqual(turned)
    expect(all()).toEqual(left)
  })

  test('turns away the newcomer, if every group has one', () => {
    const { join, all, turnedAway } = start(2)
    join('a', 'a1')
    join('b', 'b1')
    join('c', 'c1')
    expect(turnedAway).toEqual(['c1'])
    expect(all()).toEqual(['a1', 'b1'])
  })

  test('is empty when all have gone', () => {
    const { line, join, all } = start(2)
    join('a', 'a1', 'a2')
    all()
    expect(line.next()).toBeUndefined()
    join('a', 'a3', 'a4')
    expect(all()).toEqual(['a1', 'a2', 'a3', 'a4'])
  })
})

describe('password work', () => {
  /** So much work of one network, all at once; finished one by one. */
  function flood(network: string, count: number, started: string[]) {
    const finish: (() => void)[] = []
    const all = Array.from({ length: count }, () =>
      inTurn(network, async () => {
        started.push(network)
        await new Promise<void>((resolve) => finish.push(resolve))
      }),
    )
    return { settled: Promise.allSettled(all), finish }
  }
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
  const finishAll = async (...lists: (() => void)[][]): Promise<void> => {
    while (lists.some((list) => list.length > 0)) {
      for (const list of lists) list.shift()?.()
      await turn()
    }
  }
  const refusedOf = (settled: readonly PromiseSettledResult<unknown>[]) =>
    settled.filter((one): one is PromiseRejectedResult => one.status === 'rejected')

  test('runs as much at once as there are cores, and refuses what it could not hold', async () => {
    const started: string[] = []
    const { settled, finish } = flood('a', 400, started)
    await turn()
    const cores = started.length
    await finishAll(finish)
    const refused = refusedOf(await settled)
    expect(cores).toBe((await import('node:os')).availableParallelism())
    expect(refused).toHaveLength(400 - cores - 128)
    expect(isFull(refused[0]?.reason)).toBe(true)
  })

  test('of a network that floods keeps another waiting for one of it, and takes no place from it', async () => {
    const started: string[] = []
    const attack = flood('attacker', 400, started)
    await turn()
    const cores = started.length
    const user = flood('user', 1, started)
    for (let i = 0; i < 2; i++) {
      attack.finish.shift()?.()
      await turn()
    }
    expect(started.slice(cores)).toContain('user')
    await finishAll(attack.finish, user.finish)
    expect(refusedOf(await user.settled)).toEqual([])
    expect(refusedOf(await attack.settled)).toHaveLength(400 - cores - 127)
  })

  test('goes on after work that threw', async () => {
    await expect(inTurn('a', () => Promise.reject(new Error('x')))).rejects.toThrow('x')
    await expect(
      inTurn('a', () => {
        throw new Error('y')
      }),
    ).rejects.toThrow('y')
    expect(await inTurn('a', async () => 1)).toBe(1)
  })
})

test('work that never ends keeps its place for ten seconds, and no longer', async () => {
  const { advance } = manualTimers()
  const cores = (await import('node:os')).availableParallelism()
  const hanging = Array.from({ length: cores }, work)
  const all = hanging.map(({ run }) => inTurn('a', run))
  let entered = 0
  const enter = (): void => {
    entered++
  }
  const next = inTurn('b', enter)
  await advance(9_999)
  expect(entered).toBe(0)
  await advance(1)
  await next
  // Its end, when it comes, gives no second place away.
  for (const { finish } of hanging) finish()
  await Promise.all(all)
  const again = Array.from({ length: cores }, work)
  const more = again.map(({ run }) => inTurn('a', run))
  const last = inTurn('b', enter)
  await advance(0)
  expect(entered).toBe(1)
  for (const { finish } of again) finish()
  await Promise.all([...more, last])
})

/** The rest of this test is in a Worker, whose clock and timers stand still until they are moved. */
function inWorker(): ManualTimers & { move(ms: number): void } {
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
    ...manualTimers(),
    move(ms) {
      time += ms
    },
  }
}

describe('password work in Workers', () => {
  test('four run at once; a fifth asks again for two seconds, and is told to come later', async () => {
    const { soon, asked } = inWorker()
    const works = Array.from({ length: 4 }, work)
    const running = works.map(({ run }) => inLine('a', run))
    await expect(soon(inLine('b', work().run))).rejects.toSatisfy(isFull)
    expect(asked()).toBe(2000)
    for (const { finish } of works) finish()
    await Promise.all(running)
  })

  test('a fifth gets a place that is free by then', async () => {
    const { soon } = inWorker()
    const works = Array.from({ length: 4 }, work)
    const running = works.map(({ run }) => inLine('a', run))
    const next = work()
    const fifth = inLine('b', next.run)
    works[0]?.finish()
    expect(await running[0]).toBe('done')
    next.finish()
    expect(await soon(fifth)).toBe('done')
    for (const { finish } of works) finish()
    await Promise.all(running)
  })

  test('work that fails gives its place back', async () => {
    inWorker()
    for (let i = 0; i < 10; i++)
      await expect(inLine('a', () => Promise.reject(new Error('broke')))).rejects.toThrow('broke')
    expect(await inLine('a', async () => 'done')).toBe('done')
  })

  test('a place that its holder left is free after ten seconds', async () => {
    const { move, soon } = inWorker()
    // Cancelled requests: their work never ends.
    for (let i = 0; i < 4; i++) void inLine('a', work().run)
    move(9_000)
    await expect(soon(inLine('a', async () => 'done'))).rejects.toSatisfy(isFull)
    move(1_000)
    expect(await inLine('a', async () => 'done')).toBe('done')
  })
})
