import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

/** Imports of nouns by name: what `src/<folder>/` may import from the root of `src`, since it is no verb. */
const NO_VERBS = [
  'errors',
  'maybe-promise',
  'bounded-map',
  'engine',
  'login-context',
  'login-settings',
  'throttle',
  'events',
]
/** Who speaks to whom outside. */
const DOORS: Record<string, RegExp> = {
  'iron-webcrypto': /^src\/crypto\/seal\.ts$/,
  '@noble/hashes': /^src\/(crypto\/digest|password\/.+)\.ts$/,
  hono: /^adapters\/hono\/.+\.ts$/,
}

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}

export function importsOf(source: string): string[] {
  const statements = source.matchAll(
    /(?:^|\n)(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
  )
  return Array.from(statements, ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '')
}

/** Why `file` may not import `target`, or `null`. */
export function objection(file: string, target: string): string | null {
  if (!target.startsWith('.')) return objectionToPackage(file, target)
  const to = path.join(path.dirname(file), target)
  const [room] = file.split('/')
  if (room === 'src' && !to.startsWith('src/')) return 'src imports from src alone'
  if (room === 'adapters') {
    const own = file.split('/').slice(0, 2).join('/')
    return to.startsWith(`${own}/`) ? null : 'an adapter enters by the front door, by name'
  }
  const isNoun = file.split('/').length > 2 && !file.startsWith('src/testing/')
  const isVerb = to.split('/').length === 2 && !NO_VERBS.includes(path.basename(to, '.ts'))
  return isNoun && isVerb ? 'nouns never import verbs' : null
}

function objectionToPackage(file: string, target: string): string | null {
  const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? '')
  if (name === 'latchkey') return file.startsWith('adapters/') ? null : 'src does not import itself by name'
  const door = DOORS[name]
  if (!door) return `nothing here speaks ${name}`
  return door.test(file) ? null : `this is not the door to ${name}`
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
