import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Example } from '../../browser/example-process.ts'

export const EXAMPLES = path.resolve(import.meta.dirname, '../../../docs/examples/recipes')

/** An example, copied, with a few routes more (those beside this file) and with stored sessions. */
export function exampleOf(name: string, scratch: string, tarball: string): Example {
  const example = new Example(`recipes/${name}`, scratch, tarball)
  const folder = path.join(scratch, 'recipes', name)
  cpSync(path.join(import.meta.dirname, name), folder, { recursive: true })
  cpSync(path.join(import.meta.dirname, 'odd.ts'), path.join(folder, 'odd.ts'))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const auth = path.join(folder, files.find((file) => /\/auth(\.server)?\.ts$/.test(file)) ?? 'auth.ts')
  const code = readFileSync(auth, 'utf8')
    .replace('createAuth,', 'createAuth, memoryRecords, storedSessions,')
    .replace('passwords:', 'sessions: storedSessions(memoryRecords()),\n  passwords:')
  writeFileSync(auth, code)
  return example
}
