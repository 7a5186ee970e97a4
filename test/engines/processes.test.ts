import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EngineName, openStore } from './open.ts'
import { describeWith, freshName } from './reach.ts'
import type { Done, Job, Perform } from './second-process.ts'

/** Another process of the same app, over the same store. */
class OtherProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (done: Done & { error?: string }) => void>()
  #jobs = 0

  constructor(engine: EngineName, place: string) {
    const file = path.join(import.meta.dirname, 'second-process.ts')
    this.#child = fork(file, [engine, place], { execArgv: ['--import', 'tsx'] })
  }

  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', () => {
        this.#child.on('message', (done: Done) => this.#waiting.get(done.id)?.(done))
        resolve()
      })
      this.#child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
    })
  }

  readonly perform: Perform = (job) =>
    new Promise((resolve, reject) => {
      const id = this.#jobs++
      this.#waiting.set(id, ({ answers, error }) => (error ? reject(new Error(error)) : resolve(answers)))
      this.#child.send({ ...job, id } satisfies Job)
    })

  end(): void {
    this.#child.kill()
  }
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-processes-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

for (const engine of ['redis', 'postgres', 'mysql', 'sqlite'] as const) {
  describeWith(engine === 'sqlite' ? [] : [engine], `two processes over one store: ${engine}`, () => {
    const place = engine === 'sqlite' ? path.join(scratch, 'processes.db') : freshName('processes')
    let one: OtherProcess
    let two: OtherProcess

    beforeAll(async () => {
      const store = await openStore(engine, { place })
      await store.setUp()
      await store.close()
      one = new OtherProcess(engine, place)
      two = new OtherProcess(engine, place)
      await Promise.all([one.ready(), two.ready()])
    })

    afterAll(async () => {
      one.end()
      two.end()
      const store = await openStore(engine, { place })
      await store.tearDown()
      await store.close()
    })

    const cookiesOf = async (answers: Promise<Done['answers']>) => (await answers).map(({ cookie }) => cookie)
    const logIn = (count: number): Promise<string[]> =>
      cookiesOf(one.perform({ work: 'login', cookies: Array<string>(count).fill(''), name: 'alice' }))
    const who = async (cookies: readonly string[]) =>
      (await two.perform({ work: 'who', cookies, name: '' })).map(({ value }) => value)

    test('50 parallel writers, 20 rounds: none of 1,000 keys is lost', async () => {
      let kept = 0
      for (let round = 0; round < 20; round++) {
        const [cookie = ''] = await logIn(1)
        const keys = Array.from({ length: 50 }, (_, i) => `key${i}`)
        await Promise.all(
          keys.map((name, i) => (i % 2 ? one : two).perform({ work: 'write', cookies: [cookie], name })),
        )
        const [all] = await two.perform({ work: 'read all', cookies: [cookie], name: '' })
        kept += Object.keys(all?.value as object).length
      }
      expect(kept).toBe(1000)
    })

    test('a logout against a request that writes, 1,000 rounds: no session survives', async () => {
      for (let round = 0; round < 10; round++) {
        const cookies = await logIn(100)
        // Alternating, so that neither is always ahead.
        const [first, second] = round % 2 ? [one, two] : [two, one]
        const [written] = await Promise.all([
          cookiesOf(first.perform({ work: 'write', cookies, name: 'late' })),
          second.perform({ work: 'logout', cookies, name: '' }),
        ])
        expect(new Set(await who([...cookies, ...written]))).toEqual(new Set([null]))
      }
    })

    test('a logout against a request that rotates, 1,000 rounds: no session survives', async () => {
      for (let round = 0; round < 10; round++) {
        const cookies = await logIn(100)
        const [first, second] = round % 2 ? [one, two] : [two, one]
        const [rotated] = await Promise.all([
          cookiesOf(first.perform({ work: 'rotate', cookies, name: '' })),
          second.perform({ work: 'logout', cookies, name: '' }),
        ])
        expect(new Set(await who([...cookies, ...rotated]))).toEqual(new Set([null]))
      }
    })

    test('logging out everywhere against requests that rotate, 20 rounds: no session survives', async () => {
      for (let round = 0; round < 20; round++) {
        const cookies = await logIn(10)
        const [rotated] = await Promise.all([
          cookiesOf(one.perform({ work: 'rotate', cookies, name: '' })),
          two.perform({ work: 'revoke all', cookies: [''], name: 'alice' }),
        ])
        expect(new Set(await who([...cookies, ...rotated]))).toEqual(new Set([null]))
      }
    })

    test('two logins on one visitor session, 200 rounds: they never mix', async () => {
      // As many at once as there are places in the line of password work.
      for (let batch = 0; batch < 2; batch++) {
        const visitors = await cookiesOf(
          one.perform({ work: 'visit', cookies: Array<string>(100).fill(''), name: 'cart' }),
        )
        const [alices, bobs] = await Promise.all([
          cookiesOf(one.perform({ work: 'login', cookies: visitors, name: 'alice' })),
          cookiesOf(two.perform({ work: 'login', cookies: visitors, name: 'bob' })),
        ])
        expect(new Set(await who(alices))).toEqual(new Set(['alice']))
        expect(new Set(await who(bobs))).toEqual(new Set(['bob']))
        expect(new Set(await who(visitors))).toEqual(new Set([null]))
      }
    })

    const logInFrom = async (process: OtherProcess, addresses: readonly string[], name: string) =>
      (await process.perform({ work: 'log in from', cookies: addresses, name })).map(({ value }) => value)
    /** So many addresses, of as many networks as that is modulo. */
    const addresses = (count: number, networks: number): string[] =>
      Array.from({ length: count }, (_, i) => `192.0.2.${i % networks}`)
    const inBoth = async (count: number, networks: number, name: string) =>
      (
        await Promise.all(
          [one, two].map((process) => logInFrom(process, addresses(count / 2, networks), name)),
        )
      ).flat()
    const lookedAt = (answers: readonly unknown[]) =>
      answers.filter((answer) => answer === 'invalid_credentials').length

    test('1,000 parallel guesses from one network: exactly as many are looked at as it may make', async () => {
      expect(lookedAt(await inBoth(1000, 1, 'alice:wrong'))).toBe(20)
    })

    test('forgiving the account in one process opens it in the other', async () => {
      expect(await logInFrom(one, addresses(1, 1), 'alice:wonderland')).toEqual(['throttled'])
      await one.perform({ work: 'forgive', cookies: [''], name: 'alice' })
      expect(await logInFrom(two, addresses(1, 1), 'alice:wonderland')).toEqual(['in'])
    })

    test('1,000 parallel guesses from 50 networks: exactly as many as the account may have in all', async () => {
      expect(lookedAt(await inBoth(1000, 50, 'alice:wrong'))).toBe(100)
    })

    test('60 right passwords at once: all are let in', async () => {
      expect(new Set(await inBoth(60, 1, 'bob:builder'))).toEqual(new Set(['in']))
    })
  })
}
