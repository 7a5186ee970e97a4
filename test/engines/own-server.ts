import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'

/** How to run an engine of one's own, that may be stopped and killed. */
interface Recipe {
  /** Prepares an empty folder. */
  prepare(folder: string): void
  command(folder: string, port: number): [command: string, args: string[]]
  /** Root may not run it. */
  readonly user?: string
  url(port: number): string
}

const pgBin = (): string => {
  const [version] = readdirSync('/usr/lib/postgresql').sort().reverse()
  return `/usr/lib/postgresql/${version}/bin`
}

const as = (user: string, command: string, args: string[]): void => {
  execFileSync('runuser', ['-u', user, '--', command, ...args], { stdio: 'ignore', cwd: '/' })
}

export const RECIPES = {
  redis: {
    prepare: () => {},
    command: (folder, port) => [
      'redis-server',
      // What was answered is kept, whenever it is killed.
      [
        '--port',
        `${port}`,
        '--bind',
        '127.0.0.1',
        '--dir',
        folder,
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
      ],
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
  },
  redisCluster: {
    prepare: () => {},
    command: (folder, port) => [
      'redis-server',
      [
        ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
        // The default, ten thousand above, is beyond the last port for many of the free ones.
        ...['--cluster-enabled', 'yes', '--cluster-port', `${port - 20_000}`],
      ],
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
  },
  postgres: {
    user: 'postgres',
    prepare: (folder) =>
      as('postgres', `${pgBin()}/initdb`, ['-D', `${folder}/data`, '-A', 'trust', '-U', 'postgres', '-N']),
    command: (folder, port) => [
      `${pgBin()}/postgres`,
      ['-D', `${folder}/data`, '-p', `${port}`, '-h', '127.0.0.1', '-k', folder],
    ],
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  },
  mysql: {
    user: 'mysql',
    prepare: (folder) =>
      as('mysql', 'mariadb-install-db', [
        '--no-defaults',
        `--datadir=${folder}/data`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
      ]),
    command: (folder, port) => [
      '/usr/sbin/mariadbd',
      [
        '--no-defaults',
        `--datadir=${folder}/data`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${folder}/s`,
        `--pid-file=${folder}/pid`,
      ],
    ],
    url: (port) => `mysql://root@127.0.0.1:${port}/mysql`,
  },
} as const satisfies Record<string, Recipe>

/** An engine in a process of its own, on a free port, in a folder of its own. */
export class OwnServer {
  readonly url: string
  readonly port: number
  readonly #recipe: Recipe
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(recipe: Recipe, folder: string, port: number) {
    this.#recipe = recipe
    this.#folder = folder
    this.port = port
    this.url = recipe.url(port)
  }

  static async start(name: keyof typeof RECIPES): Promise<OwnServer> {
    const recipe: Recipe = RECIPES[name]
    const folder = mkdtempSync(path.join(os.tmpdir(), `latchkey-${name}-`))
    if (recipe.user) {
      const [, , uid, gid] = passwdOf(recipe.user)
      chownSync(folder, Number(uid), Number(gid))
    }
    recipe.prepare(folder)
    const server = new OwnServer(recipe, folder, await freePort())
    await server.start()
    return server
  }

  /** Nothing, where it runs already. */
  async start(): Promise<void> {
    if (this.#runs) return
    const [command, args] = this.#recipe.command(this.#folder, this.port)
    const { user } = this.#recipe
    const [uid, gid] = user ? passwdOf(user).slice(2) : []
    this.#child = spawn(command, args, {
      stdio: 'ignore',
      cwd: '/',
      ...(user ? { uid: Number(uid), gid: Number(gid) } : {}),
    })
    const givenUp = Date.now() + 30_000
    while (!(await listens(this.port))) {
      if (Date.now() > givenUp) throw new Error(`${command} does not listen`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** It is there, and does nothing: what a frozen host looks like. */
  async freeze(): Promise<void> {
    this.#signal('SIGSTOP')
    // A thread that was at work may finish an answer before it stops.
    const pid = this.#child?.pid as number
    while (![pid, ...childrenOf(pid)].every(isStopped)) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  thaw(): void {
    this.#signal('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child || !this.#runs) return
    const ended = once(child, 'exit')
    this.#signal('SIGKILL')
    await ended
  }

  async dispose(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  get #runs(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  /** The engine and what it has started: PostgreSQL answers by a child for each connection. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    for (const each of [...childrenOf(pid), pid]) {
      try {
        process.kill(each, signal)
      } catch {}
    }
  }
}

function passwdOf(user: string): string[] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${user}:`))
  if (!line) throw new Error(`no user ${user} on this machine`)
  return line.split(':')
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      resolve(true)
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
  })
}

/** Why this machine cannot run an engine of its own, or `null`. */
export function obstacleTo(name: keyof typeof RECIPES): string | null {
  const recipe: Recipe = RECIPES[name]
  try {
    const [command] = recipe.command('', 0)
    if (command.startsWith('/')) accessSync(command)
    else execFileSync(command, ['--version'], { stdio: 'ignore' })
    if (recipe.user) passwdOf(recipe.user)
  } catch {
    return `no ${name} server is installed here`
  }
  return recipe.user && process.getuid?.() !== 0 ? `only root may start a ${name} server as its user` : null
}
