import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as later } from 'node:timers/promises'
import { type AuthOptions, createAuth, memoryRecords, type RecordStore, storedSessions } from 'latchkey'
import { latchkey, type NodeAuth, type NodeOptions } from 'latchkey/node'
import { TestBrowser } from 'latchkey/testing'
import { onTestFinished } from 'vitest'
import { ORIGIN, plain, SECRET, SESSION_MODES, type TestUser, Users } from '../app.ts'
import { overHttp } from '../reference-app/cell.ts'

type Mode = 'ok' | 'fails' | 'hangs'

/** A record store whose every answer takes a while, and which a test can stop or break. */
export class SlowRecords {
  readonly store: RecordStore
  mode: Mode = 'ok'
  #gate: Promise<unknown> | undefined
  #asked = (): void => {}

  constructor() {
    this.store = new Proxy<RecordStore>(memoryRecords(), {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          this.#asked()
          await (this.#gate ?? later())
          if (this.mode === 'fails') throw new Error('postgres://app:s3cret@db.internal')
          if (this.mode === 'hangs') await new Promise(() => {})
          return method.apply(target, args)
        }
      },
    })
  }

  /** From now on nothing is answered. `asked` resolves once something is asked. */
  stop(): { readonly asked: Promise<void>; release(): void } {
    let release = (): void => {}
    this.#gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const asked = new Promise<void>((resolve) => {
      this.#asked = resolve
    })
    return { asked, release: () => release() }
  }
}

/** The kinds of session, the last one over a store that answers later. */
export const MODES: Readonly<Record<string, () => Partial<AuthOptions<TestUser, unknown>>>> = {
  ...SESSION_MODES,
  'stored, answering later': () => ({ sessions: storedSessions(new SlowRecords().store) }),
}

export function testAuth(
  options: Partial<AuthOptions<TestUser, unknown>> = {},
  nodeOptions?: NodeOptions,
): NodeAuth<TestUser> {
  const users = new Users().provider
  return latchkey(
    createAuth<TestUser>({ secret: SECRET, origin: ORIGIN, users, passwords: plain, ...options }),
    nodeOptions,
  )
}

export interface Served {
  readonly port: number
  browser(): TestBrowser
  /** Sends text as it is; everything that comes back until the server closes. */
  raw(request: string): Promise<string>
}

/** A server for the length of one test. */
export async function serve(listener: RequestListener): Promise<Served> {
  const { send, port, close } = await overHttp(listener)
  onTestFinished(close)
  return {
    port,
    browser: () => new TestBrowser(send, ORIGIN),
    raw(request) {
      const socket = connect(port, '127.0.0.1')
      socket.write(request)
      return text(socket)
    },
  }
}
