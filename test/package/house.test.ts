import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cycleIn, DOORS, importsOf, objection, WINGS } from './house.ts'

const root = path.resolve(import.meta.dirname, '../..')

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}

const files = [...filesBelow('src'), ...filesBelow('adapters')]
const sourceOf = (file: string): string => readFileSync(path.join(root, file), 'utf8')

/** Tables of promises, each with its check: as long as there are promises. */
const isContract = (file: string): boolean => /^adapters\/testing\/.+-contract\.ts$/.test(file)

describe('the house', () => {
  test.each(files)('%s imports what it may', (file) => {
    for (const target of importsOf(sourceOf(file)))
      expect([target, objection(file, target)]).toEqual([target, null])
  })

  test('nothing imports itself by a detour', () => {
    const imports = new Map(
      files.map((file) => {
        const own = importsOf(sourceOf(file)).filter((target) => target.startsWith('.'))
        return [file, own.map((target) => path.join(path.dirname(file), target))]
      }),
    )
    expect(cycleIn(imports)).toBeNull()
  })

  test('the wings are those that there are, and at the root there are doors alone', () => {
    const entries = readdirSync(path.join(root, 'src'), { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    expect(folders.toSorted()).toEqual(WINGS.toSorted())
    const atRoot = entries.filter((entry) => entry.isFile()).map(({ name }) => `src/${name}`)
    expect(atRoot.toSorted()).toEqual(DOORS.toSorted())
  })

  test('contributing.md recites them in this order', () => {
    expect(sourceOf('docs/contributing.md')).toContain(WINGS.join(' › '))
  })

  test.each(files.filter((file) => !isContract(file)))('%s is one thing', (file) => {
    const lines = sourceOf(file).split('\n')
    const code = lines.filter((line) => line.trim() !== '' && !/^\s*(\/?\*|\/\/)/.test(line))
    expect(code.length).toBeLessThan(200)
    expect(path.basename(file)).not.toMatch(/^(utils?|helpers?|common|types|misc)\./)
  })

  test('doors define nothing', () => {
    for (const file of [...DOORS, ...files.filter((name) => name.endsWith('/index.ts'))]) {
      const source = sourceOf(file).replaceAll(/export (type )?\{[^}]*\} from '[^']+'\n?/g, '')
      expect([file, source.trim()]).toEqual([file, ''])
    }
  })
})

describe('the test of the house can fail', () => {
  test.each([
    ['src/session/x.ts', '../login/login.ts'],
    ['src/session/stored/x.ts', '../../login/login.ts'],
    ['src/crypto/x.ts', '../request/auth.ts'],
    ['src/base/x.ts', '../crypto/utf8.ts'],
    ['src/http/x.ts', '../session/record.ts'],
    ['src/login/x.ts', '../index.ts'],
    ['src/login/x.ts', '../adapter.ts'],
    ['src/x.ts', './login/login.ts'],
    ['src/shed/x.ts', '../base/errors.ts'],
    ['src/login/x.ts', '../../adapters/hono/latchkey.ts'],
    ['src/request/x.ts', 'hono'],
    ['src/request/x.ts', 'iron-webcrypto'],
    ['src/request/x.ts', 'node:crypto'],
    ['src/request/x.ts', 'latchkey'],
    ['src/session/stored/x.ts', '@noble/hashes/sha2.js'],
    ['adapters/hono/x.ts', '../../src/request/auth.ts'],
    ['adapters/hono/x.ts', '../fetch/with-auth.ts'],
    ['adapters/hono/x.ts', 'latchkey/fetch'],
    ['adapters/fetch/x.ts', 'hono'],
  ])('%s may not import %s', (file, target) => expect(objection(file, target)).not.toBeNull())

  test.each([
    ['src/login/x.ts', './y.ts'],
    ['src/login/x.ts', '../base/errors.ts'],
    ['src/index.ts', './request/auth.ts'],
    ['adapters/hono/x.ts', 'latchkey/adapter'],
  ])('%s may import %s', (file, target) => expect(objection(file, target)).toBeNull())

  test.each([
    [
      'of two',
      [
        ['a', ['b']],
        ['b', ['a']],
      ],
      ['a', 'b', 'a'],
    ],
    ['of one', [['a', ['a']]], ['a', 'a']],
    [
      'of three, behind another',
      [
        ['x', ['a']],
        ['a', ['b', 'c']],
        ['b', []],
        ['c', ['d']],
        ['d', ['a']],
      ],
      ['a', 'c', 'd', 'a'],
    ],
    [
      'none, where two ways lead to one',
      [
        ['a', ['b', 'c']],
        ['b', ['d']],
        ['c', ['d']],
        ['d', []],
      ],
      null,
    ],
  ] as const)('a cycle %s', (_, imports, cycle) =>
    expect(cycleIn(new Map<string, readonly string[]>(imports))).toEqual(cycle),
  )

  test('imports of every form are seen', () => {
    const source =
      "import a from 'a'\nimport {\n  b,\n} from 'b'\nexport * from 'c'\nimport 'd'\nconst e = import('e')\n"
    expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})
