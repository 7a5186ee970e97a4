import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { importsOf, objection } from './house.ts'

const root = path.resolve(import.meta.dirname, '../..')

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}

const files = [...filesBelow('src'), ...filesBelow('adapters')]

describe('the house', () => {
  test.each(files)('%s imports what it may', (file) => {
    for (const target of importsOf(readFileSync(path.join(root, file), 'utf8'))) {
      expect([target, objection(file, target)]).toEqual([target, null])
    }
  })

  test.each(
    files.filter(
      (file) => file !== 'src/testing/record-store-contract.ts' && !file.startsWith('src/testing/'),
    ),
  )('%s is one thing', (file) => {
    const lines = readFileSync(path.join(root, file), 'utf8').split('\n')
    const code = lines.filter((line) => line.trim() !== '' && !/^\s*(\/?\*|\/\/)/.test(line))
    expect(code.length).toBeLessThan(200)
    expect(path.basename(file)).not.toMatch(/^(utils?|helpers?|common|types|misc)\./)
  })

  test('front doors define nothing', () => {
    for (const file of files.filter((name) => name.endsWith('/index.ts'))) {
      const source = readFileSync(path.join(root, file), 'utf8').replaceAll(
        /export (type )?\{[^}]*\} from '[^']+'\n?/g,
        '',
      )
      expect([file, source.trim()]).toEqual([file, ''])
    }
  })
})

describe('the test of the house can fail', () => {
  test.each([
    ['src/session/x.ts', '../login.ts'],
    ['src/crypto/x.ts', '../auth.ts'],
    ['src/login.ts', '../adapters/hono/latchkey.ts'],
    ['src/auth.ts', 'hono'],
    ['src/auth.ts', 'iron-webcrypto'],
    ['src/auth.ts', 'node:crypto'],
    ['src/auth.ts', 'latchkey'],
    ['src/session/stored.ts', '@noble/hashes/sha2.js'],
    ['adapters/hono/x.ts', '../../src/auth.ts'],
    ['adapters/hono/x.ts', '../fetch/with-auth.ts'],
    ['adapters/fetch/x.ts', 'hono'],
  ])('%s may not import %s', (file, target) => expect(objection(file, target)).not.toBeNull())

  test('imports of every form are seen', () => {
    const source =
      "import a from 'a'\nimport {\n  b,\n} from 'b'\nexport * from 'c'\nimport 'd'\nconst e = import('e')\n"
    expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})
