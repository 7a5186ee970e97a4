import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { freePort } from '../browser/demo-process.ts'
import type { AdapterSubject } from '../reference-app/adapter-contract.ts'
import { sendTo } from '../reference-app/cell.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** The reference app as `npm run reference` starts it, whatever it runs in. */
export class ReferenceProcess {
  readonly port: number
  readonly origin: string
  readonly send: AdapterSubject['send']
  output = ''
  errors = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  private constructor(port: number, origin: string, args: readonly string[]) {
    this.port = port
    this.origin = origin
    this.send = sendTo(port)
    const main = ['--import', 'tsx', 'test/reference-app/main.ts', '--port', String(port), ...args]
    this.#child = spawn(process.execPath, main, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.on('data', (chunk) => {
      this.output += chunk
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.errors += chunk
    })
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  /** Runs it until it says that it is ready, or until it has ended. */
  static async start(args: readonly string[], origin?: string): Promise<ReferenceProcess> {
    const port = await freePort()
    const told = origin === undefined ? [] : ['--origin', origin]
    const started = new ReferenceProcess(port, origin ?? `http://127.0.0.1:${port}`, [...args, ...told])
    const ready = new Promise<void>((resolve) => started.#child.stdout?.once('data', () => resolve()))
    await Promise.race([ready, started.#ended])
    return started
  }

  /** The answer of one of the controls. */
  async control(name: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`http://127.0.0.1:${this.port}/__control/${name}`, init)
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}\n${this.errors}`)
    return answer.json()
  }

  /** Ends it by SIGTERM; the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill()
    return this.#ended
  }
}
