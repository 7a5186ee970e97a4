import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { expectLinear, PUMPS } from './by-length.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** What a repetition may follow and come before, so that a pattern gets into it and fails behind it. */
const BEFORE = ['', 'a', '/', '[', '1', '%', 'http://', 'NEXT_REDIRECT;push;']
const AFTER = ['', '\n', '!', ' y', '\0', '\u2028']
const MORE_PUMPS = ['\n', '\0', 'é', '$', 'a-', '_', '@', 'A', 'Aa', '{', '}', '.data', '%41', '\ud83d\ude00']

function filesUnder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name))
}

function expressionsIn(file: string): string[] {
  const found: string[] = []
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
  )
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function parsed(literal: string): RegExp {
  const end = literal.lastIndexOf('/')
  return new RegExp(literal.slice(1, end), literal.slice(end + 1))
}

/** The texts of a kind that take a pattern more than this, in ms, are worth measuring. */
const SUSPICIOUS_MS = 0.5

const all = [...filesUnder('src'), ...filesUnder('adapters')].flatMap((file) =>
  expressionsIn(file).map((literal): [literal: string, file: string] => [literal, file]),
)

describe('no regular expression takes more than linear time, whatever the text', () => {
  test.each(all)('%s in %s', async (literal) => {
    const pattern = parsed(literal)
    for (const before of BEFORE) {
      for (const pump of [...PUMPS, ...MORE_PUMPS]) {
        for (const after of AFTER) {
          const work = (length: number): unknown =>
            (before + pump.repeat(Math.ceil(length / pump.length)) + after).replace(pattern, '')
          const begin = performance.now()
          work(4_000)
          if (performance.now() - begin > SUSPICIOUS_MS)
            await expectLinear(JSON.stringify([before, pump, after]), work)
        }
      }
    }
  })

  test('and there are some', () => expect(all.length).toBeGreaterThan(40))
})
