import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface RunningDemo {
  readonly origin: string
  stop(): Promise<void>
}

export interface DemoEnvironment {
  readonly port: number
  readonly database: string
}

/** Runs what `npm run demo` runs, to its end. */
export async function runDemo(
  environment: DemoEnvironment,
): Promise<{ code: number | null; errors: string }> {
  const child = spawnDemo(environment)
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, errors }
}

/** Starts what `npm run demo` starts, and waits until it says where it is. */
export async function startDemo(environment: DemoEnvironment): Promise<RunningDemo> {
  const child = spawnDemo(environment)
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      output += chunk
      if (output.includes('runs at')) resolve()
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', () => reject(new Error(`The demo ended at once:\n${output}`)))
  })
  return {
    origin: `http://localhost:${environment.port}`,
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

function spawnDemo({ port, database }: DemoEnvironment): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'docs/examples/demo/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), DEMO_DB: database, LATCHKEY_SECRET: undefined },
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
