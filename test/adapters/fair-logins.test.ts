import { availableParallelism } from 'node:os'
import { expect, test, vi } from 'vitest'
import { opened, plain, testApp } from '../app.ts'

// Not in Workers, where there is no line.
test('password work of an attacker with two addresses keeps nobody waiting for more than one of each', async () => {
  const order: string[] = []
  const hanging: (() => void)[] = []
  const verify = async (text: string, hashed: string): Promise<boolean> => {
    order.push(text)
    await new Promise<void>((resolve) => hanging.push(resolve))
    return plain.verify(text, hashed)
  }
  const { auth } = testApp({ passwords: { ...plain, verify } })
  const at = (address: string, username: string, password: string) =>
    opened(auth, new Request('https://app.test/', { method: 'POST' }), address).auth.login(username, password)
  const cores = availableParallelism()
  let turnedAway = 0
  const flood = Array.from({ length: 190 }, async (_, i) => {
    const outcome = await at(`198.51.100.${i % 2}`, `nobody-${i}`, 'x')
    if (!outcome.ok && outcome.code === 'throttled') turnedAway++
  })
  await vi.waitFor(() => expect(turnedAway).toBe(190 - cores - 128))
  const owner = at('203.0.113.7', 'alice', 'wonderland')
  // The line is full: the attacker loses a place to the owner.
  await vi.waitFor(() => expect(turnedAway).toBe(190 - cores - 127))
  for (let i = 0; i < 3; i++) {
    hanging.shift()?.()
    await vi.waitFor(() => expect(order).toHaveLength(cores + i + 1))
  }
  expect(order.slice(cores)).toContain('wonderland')
  let isOver = false
  const all = Promise.all([owner, ...flood]).finally(() => {
    isOver = true
  })
  while (!isOver) {
    hanging.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await all
  expect(await owner).toMatchObject({ ok: true })
})
