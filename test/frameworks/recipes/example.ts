import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Example } from '../../browser/example-process.ts'

export const EXAMPLES = path.resolve(import.meta.dirname, '../../../docs/examples/recipes')

/** A browser that has this cookie has sealed sessions, which every request renews. */
export const SEALED = 'sealed'

/** An example, copied, with a few routes more (those beside this file) and with stored sessions. */
export function exampleOf(name: string, scratch: string, tarball: string): Example {
  const example = new Example(`recipes/${name}`, scratch, tarball)
  const folder = path.join(scratch, 'recipes', name)
  cpSync(path.join(import.meta.dirname, name), folder, { recursive: true })
  cpSync(path.join(import.meta.dirname, 'odd.ts'), path.join(folder, 'odd.ts'))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const file = files.find((file) => /\/auth(\.server)?\.ts$/.test(file)) ?? 'auth.ts'
  const code = readFileSync(path.join(folder, file), 'utf8')
  const stored = code
    .replace('createAuth,', 'createAuth, memoryRecords, storedSessions,')
    .replace('passwords:', 'sessions: storedSessions(memoryRecords()),\n  passwords:')
  // Nuxt's goes into an adapter, and what a page of Nuxt's fetches is no case of these.
  if (code.includes('export const auth = createAuth(')) {
    const sealed = file.replace('auth', 'auth-sealed')
    writeFileSync(path.join(folder, sealed), code.replace('passwords:', 'touchSeconds: 0,\n  passwords:'))
    writeFileSync(path.join(folder, file), either(stored, path.basename(sealed)))
  } else writeFileSync(path.join(folder, file), stored)
  return example
}

/** The module of one auth, which opens requests of some browsers by another one. */
const either = (code: string, other: string): string => `import { auth as sealed } from './${other}'
${code.replace('export const auth =', 'const stored =')}
const isSealed = ({ headers }: Request) => (headers.get('cookie') ?? '').includes('${SEALED}=')

export const auth = {
  open: (request: Request, options: object) => (isSealed(request) ? sealed : stored).open(request, options),
  deny: (request: Request, status: number, code: string) => stored.deny(request, status, code),
}
`
