import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundled } from '../bundle.ts'
import { QUIET, RUNTIMES } from './binaries.ts'

/** Requests that no constructor makes, as they go over the wire. */
const ROWS: readonly [sentence: string, start: string, host?: string][] = [
  ['TRACE', 'TRACE /'],
  ['TRACK', 'TRACK /'],
  ['CONNECT', 'CONNECT /'],
  ['CONNECT to a host', 'CONNECT x:443'],
  ['a target with credentials', 'GET http://user:pass@127.0.0.1/'],
  ['a target with a port that there is not', 'GET http://x:99999/'],
  ['a target with half an escape in its host', 'GET http://x%/'],
  ['a target with half an address', 'GET http://[::/'],
  ['a target that is no path', 'GET foo'],
  ['an asterisk', 'GET *'],
  ['a Host with credentials', 'GET /', 'user:pass@h'],
  ['a Host with a blank', 'GET /', 'a b'],
  ['a Host with a port that there is not', 'GET /', 'x:99999'],
  ['a Host that is a bracket', 'GET /', '['],
]

describe.each(['deno', 'bun'] as const)('what the server of %s hands over', (runtime) => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-raw-'))
  let child: ChildProcess
  let ports: number[] = []
  beforeAll(async () => {
    const program = path.join(scratch, 'raw.mjs')
    writeFileSync(program, await bundled('runtimes/raw-app.ts'))
    const [command, ...args] = RUNTIMES[runtime]
    child = spawn(command, [...args, program], { env: QUIET, stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      ports = line.split(' ').slice(1).map(Number)
      break
    }
  })
  afterAll(() => {
    child.kill()
    rmSync(scratch, { recursive: true, force: true })
  })

  async function ask(port: number, start: string, host = 'h.test'): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    socket.write(`${start} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    return text(socket)
  }

  describe.each(['fetch', 'hono'])('with latchkey/%s', (adapter) => {
    test.each(ROWS)('%s: a 4xx, and no handler is reached', async (_, start, host) => {
      const answer = await ask(ports[adapter === 'fetch' ? 0 : 1] ?? 0, start, host)
      // Bun takes path and `Host`, and shows nobody what else was in the target.
      if (runtime === 'bun' && start.startsWith('GET http://'))
        return expect(answer).toMatch(/\r\nreached http:\/\/h\.test\/$/)
      // Or it hangs up without a word.
      expect(answer).toMatch(/^($|HTTP\/1\.1 4\d\d )/)
      expect(answer).not.toContain('reached')
    })
  })
})
