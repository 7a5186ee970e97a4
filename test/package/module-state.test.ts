import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { moduleStates } from './module-state.ts'

const root = path.resolve(import.meta.dirname, '../..')

function sourcesBelow(folder: string): [string, string][] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [`${folder}/${name}`, readFileSync(path.join(root, folder, name), 'utf8')])
}

/** What is kept in modules on purpose, and why nothing of one request can be found there by another. */
const REASONS: Readonly<Record<string, string>> = {
  'adapters/next/seen-request.ts keys': 'an empty object per request, which goes with it',
  'adapters/react-router/unsigned-cookie.ts signed': 'storages of the app that were found to be signed',
  'src/crypto/base64.ts VALUES': 'the values of base64’s characters',
  'src/crypto/digest.ts EMPTY': 'a hasher that has hashed nothing, and is copied only',
  'src/crypto/digest.ts work': 'the hasher, emptied after each use',
  'src/crypto/digest.ts digest': 'its result, zeroed after each use',
  'src/crypto/random.ts pool': 'random bytes that were handed to nobody yet: each is zeroed as it leaves',
  'src/crypto/random.ts used': 'how much of the pool is used up',
  'src/login/proven-user.ts dummies': 'one dummy hash per verifier, of no user’s password',
  'src/password/line.ts limit': 'how many cores there are',
  'src/password/line.ts taken': 'when the places for password work were taken',
  'src/password/line.ts running': 'how much password work runs',
  'src/password/line.ts waiting':
    'who waits for their turn, by network: functions that wake them, with nothing in their hands',
}

describe('nothing of a request lives in a variable of a module', () => {
  test('in src and adapters', () => {
    const found = moduleStates(new Map([...sourcesBelow('src'), ...sourcesBelow('adapters')]))
    expect(found.map(({ file, name }) => `${file} ${name}`).sort()).toEqual(Object.keys(REASONS).sort())
  })

  test.each([
    ['a `let`', 'export let current = null'],
    ['a `var`', 'var current'],
    ['a Map that begins empty', 'const users = new Map()'],
    ['a WeakMap', 'const users = new WeakMap()'],
    ['a list that begins empty', 'const users: unknown[] = []'],
    ['an object that begins empty', 'const users = {}'],
    ['a table that is written to', "const users = { a: 1 }\nexport const f = (u) => { users['b'] = u }"],
    ['a table deep inside', 'const x = { a: { b: 1 } }\nexport function f(u) { x.a.b = u }'],
    ['a table that loses a key', 'const x = { a: 1 }\nexport function f() { delete x.a }'],
    ['a table that is assigned to', 'const x = { a: 1 }\nexport const f = (u) => Object.assign(x, u)'],
    ['a counter inside', 'const x = { n: 1 }\nexport const f = () => { ++x.n }'],
    ['a list that grows', 'const x = [1]\nexport const f = (u) => x.push(u)'],
    ['a Set that grows', "const x = new Set(['a'])\nexport const f = (u) => x.add(u)"],
    ['a property of a function', 'export function f(u) { f.last = u }'],
    ['a property of a class', 'export class C {}\nexport const f = (u) => { (C as any).last = u }'],
    ['a static field', 'export class C { static last = null }'],
    ['what a function hides', 'const f = (() => { let last; return (u) => { last = u } })()'],
    ['what a class hides', 'class C { #last = null }\nexport const c = new C()'],
    ['globalThis', 'export function f(u) { globalThis.last = u }'],
  ])('the test can fail: %s', (_, code) => {
    expect(moduleStates(new Map([['src/x.ts', code]]))).toHaveLength(1)
  })

  test('the test can fail: a table of another module', () => {
    const sources = new Map([
      ['src/table.ts', 'export const table = { a: 1 }'],
      ['src/index.ts', "export { table } from './table.ts'"],
      ['adapters/x/x.ts', "import { table } from 'latchkey'\nexport const f = (u) => { table.a = u }"],
    ])
    expect(moduleStates(sources)).toEqual([{ file: 'src/table.ts', name: 'table', why: 'assigned to' }])
  })

  test('what is a function’s own is nobody’s business', () => {
    const code = `const TABLE = { a: 1 }
      const NAMES = new Set(['a'])
      const encoder = new TextEncoder()
      export function f(u, TABLE2) {
        const users = new Map()
        let n = 0
        n++
        users.set(u, n)
        TABLE2.a = TABLE.a + NAMES.has(u) + encoder.encode(u)
        return (TABLE) => { TABLE.a = u }
      }`
    expect(moduleStates(new Map([['src/x.ts', code]]))).toEqual([])
  })
})
