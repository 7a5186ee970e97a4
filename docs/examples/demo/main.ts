import { dirname, join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { ACCOUNTS, addAccounts } from './accounts.ts'
import { demoApp } from './app.ts'
import { openEngine } from './engine.ts'
import { keptSecret } from './secret.ts'

const port = Number(process.env.PORT ?? 3000)
if (!Number.isInteger(port) || port < 1 || port > 65_535) fail('PORT is a number from 1 to 65535.')

const { REDIS_URL, DATABASE_URL, DEMO_DB: usersFile = '.demo/users.db' } = process.env
const engine = await openEngine({ REDIS_URL, DATABASE_URL, usersFile }).catch(({ message }: Error) =>
  fail(message),
)
await addAccounts(engine.users)

const origin = `http://localhost:${port}`
const secret = process.env.LATCHKEY_SECRET ?? keptSecret(join(dirname(usersFile), 'secret'))
const server = createAdaptorServer({ fetch: demoApp({ ...engine, secret, origin }).fetch })

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

${engine.whereKept} Ctrl+C ends it.
`)
})

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
