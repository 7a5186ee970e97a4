import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface RunningDemo {
  readonly origin: string
  /** What it has printed so far. */
  output(): string
  stop(): Promise<void>
}

export interface DemoEnvironment {
  readonly port: number
  readonly usersFile: string
  readonly redisUrl?: string
  readonly databaseUrl?: string
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
    output: () => output,
    async stop() {
      if (child.exitCode !== null) throw new Error(`The demo ended by itself:\n${output}`)
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

function spawnDemo({ port, usersFile, redisUrl, databaseUrl }: DemoEnvironment): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'docs/examples/demo/main.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PORT: String(port),
      DEMO_DB: usersFile,
      LATCHKEY_SECRET: undefined,
      // Those of the tests' own surroundings name the engines to test, which is not what this demo was asked for.
      REDIS_URL: redisUrl,
      DATABASE_URL: databaseUrl,
    },
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
