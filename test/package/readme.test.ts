import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { TestBrowser } from 'latchkey/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
/** Inside of the repository, so that packages are found from there. */
const folder = path.join(root, 'test/output/readme')
let app: ChildProcess
let browser: TestBrowser

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** README's first block, pasted into a file and run as README says. */
beforeAll(async () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
  const [, file = ''] = /run it with `npx tsx ([\w.]+)`/.exec(readme) ?? []
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, file), code)
  // What `npm init -y` writes.
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "commonjs" }')
  const port = await freePort()
  const env: NodeJS.ProcessEnv = { ...process.env, PORT: String(port) }
  delete env.LATCHKEY_SECRET
  delete env.ORIGIN
  app = spawn(process.execPath, ['--import', 'tsx', path.join(folder, file)], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  browser = new TestBrowser((request) => fetch(request), `http://localhost:${port}`)
  for (;;) {
    if (app.exitCode !== null) throw new Error('The app in README ended by itself.')
    if (await browser.get('/login').catch(() => null)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

afterAll(() => {
  app.kill()
  rmSync(folder, { recursive: true, force: true })
})

test('the first app in README runs as it stands: a form, a real password, a protected page, a logout', async () => {
  const where = async (asked: Promise<Response>): Promise<[number, string | null]> => {
    const answer = await asked
    return [answer.status, answer.headers.get('location')]
  }
  const html = { accept: 'text/html' }
  expect(await where(browser.get('/', html))).toEqual([303, '/login?next=%2F'])
  expect(await (await browser.get('/login')).text()).toContain('name="password"')

  const script = '/login?error=%3Cscript%3E'
  expect(await (await browser.get(script)).text()).toContain('&lt;script&gt;')

  const email = 'ada@example.com'
  const wrong = browser.post('/login', { email, password: 'wrong horse' })
  expect(await where(wrong)).toEqual([303, '/login?error=invalid_credentials'])
  expect(browser.cookies.size).toBe(0)

  expect(await where(browser.post('/login', { email, password: 'correct horse' }))).toEqual([303, '/'])
  expect(await (await browser.get('/', html)).text()).toContain('Hello Ada')

  expect(await where(browser.post('/logout'))).toEqual([303, '/login'])
  expect(await where(browser.get('/', html))).toEqual([303, '/login?next=%2F'])
})
