import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ORIGIN, SECRET } from '../app.ts'
import { bundled } from '../bundle.ts'
import { install } from '../engines/install.mjs'
import { sendTo } from '../reference-app/cell.ts'
import { QUIET, RUNTIMES } from './binaries.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** The first block of docs/node.md, with a table of users, and a port to listen on. */
function program(): string {
  const [, code = ''] =
    /```ts express\n([\s\S]*?)```/.exec(readFileSync(path.join(ROOT, 'docs/node.md'), 'utf8')) ?? []
  const declared = 'declare const users: UserProvider<User> // your table\n'
  expect(code).toContain(declared)
  const table = `const row: User = { id: 'alice', hashedPassword: await scrypt().hash('wonderland'), displayName: 'Alice' }
const users: UserProvider<User> = {
  findById: (id) => (id === row.id ? row : null),
  findByUsername: (name) => (name === row.id ? row : null),
}
`
  return `${code.replace(declared, table)}
const server = app.listen(0, '127.0.0.1', () => console.log(\`ready \${(server.address() as { port: number }).port}\`))
`
}

describe.each(['bun', 'deno'] as const)('Express, as docs/node.md has it, on %s', (runtime) => {
  const folder = path.join(ROOT, `test/output/express-${runtime}`)
  let child: ChildProcess
  let port = 0
  beforeAll(async () => {
    install('frameworks/node')
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    symlinkSync(path.join(ROOT, 'test/frameworks/node/node_modules'), path.join(folder, 'node_modules'))
    writeFileSync(path.join(folder, 'main.ts'), program())
    const bundle = await bundled(`output/express-${runtime}/main.ts`, { external: ['express'] })
    writeFileSync(path.join(folder, 'main.mjs'), bundle)
    const [command, ...args] = RUNTIMES[runtime]
    const env = { ...QUIET, LATCHKEY_SECRET: SECRET }
    child = spawn(command, [...args, 'main.mjs'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      port = Number(line.split(' ')[1])
      break
    }
  })
  afterAll(() => {
    child?.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  test('logs in and out, saves the session before the answer, and refuses what another site sends', async () => {
    // Without `origin` the app believes the address that it is reached under.
    const browser = new TestBrowser(sendTo(port), `http://127.0.0.1:${port}`)
    const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
    const asked = async (answer: Promise<Response>) => {
      const { status, headers } = await answer
      return [status, headers.get('location')]
    }
    expect(await asked(browser.get('/app', page))).toEqual([303, '/login?next=%2Fapp'])
    const wrong = { email: 'alice', password: 'wrong' }
    expect(await asked(browser.post('/login', wrong))).toEqual([303, '/login?error=invalid_credentials'])
    const right = { email: 'alice', password: 'wonderland', next: '/app?tab=2' }
    expect(await asked(browser.post('/login', right))).toEqual([303, '/app?tab=2'])
    expect(await (await browser.get('/app')).text()).toBe('Hello Alice')
    const forged = new Request(`${ORIGIN}/logout`, {
      method: 'POST',
      headers: { cookie: browser.cookieHeader, origin: 'https://evil.test' },
    })
    expect((await sendTo(port)(forged)).status).toBe(403)
    expect(await asked(browser.post('/logout'))).toEqual([303, '/login'])
    expect(await asked(browser.get('/app', page))).toEqual([303, '/login?next=%2Fapp'])
  })
})
