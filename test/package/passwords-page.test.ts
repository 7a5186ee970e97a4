import { createHash, pbkdf2Sync, scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { transformSync } from 'esbuild'
import * as passwords from 'latchkey/password'
import { describe, expect, test } from 'vitest'

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/passwords.md'), 'utf8')

/** The block of code with this text in it, as a module; `declare` is what the app has, and gone. */
async function block<Exports>(text: string, before = ''): Promise<Exports> {
  const blocks = Array.from(page.matchAll(/```ts\n([\s\S]*?)```/g), ([, code = '']) => code)
  const { code } = transformSync(before + (blocks.find((code) => code.includes(text)) ?? ''), {
    loader: 'ts',
  })
  return import(`data:text/javascript,${encodeURIComponent(code)}`)
}

test('the page names every function that the entry has', () => {
  for (const name of Object.keys(passwords)) expect([name, page.includes(name)]).toEqual([name, true])
})

describe('known passwords', () => {
  const ending = createHash('sha1').update('correct horse battery').digest('hex').toUpperCase()
  const answer = (lines: string[], status = 200) => new Response(lines.join('\r\n'), { status })

  test.each<[sentence: string, request: () => Response | Promise<Response>, isKnown: boolean]>([
    [
      'one that is known',
      () => answer(['0018A45C4D1DEF81644B54AB7F969B88D65:1', `${ending.slice(5)}:7`]),
      true,
    ],
    ['one that is not', () => answer(['0018A45C4D1DEF81644B54AB7F969B88D65:1']), false],
    ['padding', () => answer([`${ending.slice(5)}:0`]), false],
    ['no answer', () => Promise.reject(new Error('no network')), false],
    ['a broken service', () => answer([`${ending.slice(5)}:7`], 503), false],
  ])('%s', async (_, request, isKnown) => {
    const asked: string[] = []
    const { pwnedPasswords } = await block<{
      pwnedPasswords(request: unknown): (password: string) => unknown
    }>('export function pwnedPasswords')
    const isBreached = pwnedPasswords((url: string) => {
      asked.push(url)
      return request()
    })
    expect(await isBreached('correct horse battery')).toBe(isKnown)
    expect(asked).toEqual([`https://api.pwnedpasswords.com/range/${ending.slice(0, 5)}`])
  })
})

test('hashes of several columns become PHC strings that are verified', async () => {
  const salt = '0f1e2d3c'.repeat(8)
  const key = pbkdf2Sync('pässwörd', salt, 25_000, 512, 'sha256')
  const row = JSON.stringify({ salt, hash: key.toString('hex') })
  const recipe = await block<{
    hashedPassword: string
    ofPbkdf2(name: string, iterations: number, salt: string | Uint8Array, key: Uint8Array): string
    ofScrypt(ln: number, r: number, p: number, salt: string | Uint8Array, key: Uint8Array): string
  }>('export const ofPbkdf2', `const row = ${row}\n`)
  const { passlibPbkdf2, scrypt } = passwords
  expect(await passlibPbkdf2().verify('pässwörd', recipe.hashedPassword)).toBe(true)
  for (const [name, digest] of [
    ['pbkdf2', 'sha1'],
    ['pbkdf2-sha512', 'sha512'],
  ] as const) {
    const hashed = recipe.ofPbkdf2(name, 1000, salt, pbkdf2Sync('x', salt, 1000, 64, digest))
    expect(await passlibPbkdf2().verify('x', hashed)).toBe(true)
    expect(await passlibPbkdf2().verify('y', hashed)).toBe(false)
  }
  const bytes = Buffer.from(salt, 'hex')
  const hashed = recipe.ofScrypt(10, 8, 1, bytes, scryptSync('x', bytes, 64, { N: 1024 }))
  expect(await scrypt().verify('x', hashed)).toBe(true)
  expect(await scrypt().verify('y', hashed)).toBe(false)
})
