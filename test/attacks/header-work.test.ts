import {
  apiKeyAuthenticator,
  basicAuthenticator,
  bearerAuthenticator,
  createAuth,
  memoryUsers,
  tokenAuthenticator,
} from 'latchkey'
import { describe, expect, test } from 'vitest'
import { credentialsOf } from '../../src/identity/authenticators/authorization.ts'
import { ORIGIN, opened, plain, SECRET } from '../app.ts'

const auth = createAuth({
  secret: SECRET,
  origin: ORIGIN,
  users: memoryUsers([]),
  passwords: plain,
  authenticators: [
    basicAuthenticator(),
    bearerAuthenticator(),
    tokenAuthenticator('Token'),
    apiKeyAuthenticator(),
  ],
})

/** The least time of several rounds that one request with this header takes, in ms. */
async function timeOf(header: string): Promise<number> {
  const request = new Request(ORIGIN, { headers: { authorization: header } })
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 8; round++) {
    const begin = performance.now()
    await opened(auth, request).auth.authenticate()
    least = Math.min(least, performance.now() - begin)
  }
  return least
}

/** A header of about `length` characters, by what an attacker repeats. */
const SHAPES: readonly [sentence: string, header: (length: number) => string][] = [
  ['blanks inside of the value', (length) => `X${' '.repeat(length)}y`],
  ['tabs inside of the value', (length) => `X${'\t'.repeat(length)}y`],
  ['blanks and tabs in turn', (length) => `X${' \t'.repeat(length / 2)}y`],
  ['blanks between words', (length) => 'x '.repeat(length / 2)],
  ['blanks behind a scheme of ours', (length) => `Bearer${' '.repeat(length)}y z`],
  ['blanks inside of a token', (length) => `Token a${' '.repeat(length)}b`],
  ['a scheme without end', (length) => 'x'.repeat(length)],
  ['padding inside of a token', (length) => `Bearer ${'='.repeat(length)}a`],
]

describe('work on Authorization grows with its length, not with the square of it', () => {
  test.each(SHAPES)('%s', async (_, header) => {
    // What is too short to be measured is counted as 0.02 ms. A square would make it 256 times as much.
    const short = Math.max(0.02, await timeOf(header(1_000)))
    expect((await timeOf(header(61_000))) / short).toBeLessThan(64)
  })
})

test('nor where a runtime hands over characters that `Request` refuses elsewhere, as workerd does', () => {
  const timeOfParsing = (length: number): number => {
    const request = { headers: { get: () => `x${' '.repeat(length)}\u2028` } } as unknown as Request
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < 4; round++) {
      const begin = performance.now()
      expect(credentialsOf(request, 'x')).toBe('\u2028')
      least = Math.min(least, performance.now() - begin)
    }
    return least
  }
  expect(timeOfParsing(16_000) / Math.max(0.02, timeOfParsing(1_000))).toBeLessThan(64)
})
