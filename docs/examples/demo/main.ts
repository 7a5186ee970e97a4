import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { ACCOUNTS, addAccounts } from './accounts.ts'
import { demoApp } from './app.ts'
import { keptSecret } from './secret.ts'
import { openUsers } from './users.ts'

const port = Number(process.env.PORT ?? 3000)
if (!Number.isInteger(port) || port < 1 || port > 65_535) fail('PORT is a number from 1 to 65535.')

const database = process.env.DEMO_DB ?? '.demo/users.db'
mkdirSync(dirname(database), { recursive: true, mode: 0o700 })
const users = await openUsers(database)
await addAccounts(users)

const origin = `http://localhost:${port}`
const secret = process.env.LATCHKEY_SECRET ?? keptSecret(join(dirname(database), 'secret'))
const server = createAdaptorServer({ fetch: demoApp({ users, secret, origin }).fetch })

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') fail(error.message)
  fail(`Port ${port} is taken. Choose another one: PORT=${port + 1} npm run demo`)
})
// This machine only: the passwords below are public.
server.listen(port, '127.0.0.1', () => {
  const accounts = ACCOUNTS.map(
    ({ email, password, disabled }) => `  ${email.padEnd(21)}${password}${disabled ? '   (disabled)' : ''}`,
  )
  console.log(`
The latchkey demo runs at ${origin}

Sign up, or log in as
${accounts.join('\n')}

Users are kept in ${database}. Ctrl+C ends it.
`)
})

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
