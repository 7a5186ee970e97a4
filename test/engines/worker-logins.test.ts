import { argon2id, scrypt } from 'latchkey/password'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundled } from '../bundle.ts'

/** What makes the hash, and how a login with it runs in a Worker without `nodejs_compat`: in JavaScript. */
const KDFS = [
  ['scrypt', scrypt({ N: 2 ** 14, p: 5 })],
  ['argon2id', argon2id()],
] as const

describe.each(KDFS)('logins at the same time in a Worker, by %s in JavaScript', (name, passwords) => {
  let worker: Miniflare
  let address: URL
  beforeAll(async () => {
    worker = new Miniflare({
      modules: true,
      script: await bundled('engines/worker-logins.ts'),
      compatibilityDate: '2025-07-01',
      bindings: { KDF: name, HASH: await passwords.hash('correct horse') },
    })
    address = await worker.ready
  })
  afterAll(() => worker.dispose())

  const login = async (user: string): Promise<string> => {
    const answer = await fetch(new URL(user, address), { method: 'POST' })
    return `${answer.status} ${(await answer.text()).slice(0, 60)}`
  }

  test('all are answered, and so is whoever comes later', async () => {
    const logins = [login('ada'), login('ada'), login('grace'), login('ada')]
    expect(await Promise.all(logins)).toEqual([
      '200 "logged in"',
      '200 "logged in"',
      '200 "invalid_credentials"',
      '200 "logged in"',
    ])
    expect(await login('ada')).toBe('200 "logged in"')
  })

  test('of many at once those that find no place are told to come later', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => login('ada')))
    for (const answer of answers) expect(answer).toMatch(/^200 "(logged in|throttled)"$/)
    expect(answers).toContain('200 "logged in"')
    expect(await login('ada')).toBe('200 "logged in"')
  })
})
