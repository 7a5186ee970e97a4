import type { MaybePromise } from 'latchkey'
import {
  type ResponseHeaders,
  removalsOf,
  type SessionCommit,
  withSession,
  writeSession,
} from 'latchkey/adapter'
import { lockHead, setHead } from './head.ts'
import { addHeader, bytesOf, type OutgoingLike, writeResponse } from './node-http.ts'

/** What a held response waits for. */
export interface Saving {
  /** Saves the session, and returns what the response must carry. */
  close(failed: boolean): MaybePromise<SessionCommit>
  /** The response to send instead, if saving failed. */
  answerTo(error: unknown): Promise<Response>
}

type Sending = 'writeHead' | 'flushHeaders' | 'write' | 'end'

/**
 * Makes a response wait for the session: calls that would send the headers are held until the session has
 * been saved, and then replayed in the same order. Node has no hook for this, and `res.end` cannot be
 * awaited. If saving needs no waiting, nothing is held.
 */
export function holdResponse(response: OutgoingLike, { close, answerTo }: Saving): void {
  const originals: Record<Sending, (...args: unknown[]) => unknown> = {
    writeHead: response.writeHead.bind(response),
    flushHeaders: response.flushHeaders?.bind(response) ?? (() => {}),
    write: response.write.bind(response),
    end: response.end.bind(response),
  }
  const held: [name: Sending, args: unknown[]][] = []
  let state: 'open' | 'saving' | 'sent' | 'replaced' = 'open'
  let status = 200
  let saved: SessionCommit | undefined
  let unlock = (): void => {}

  const save = (): void => {
    const closing = attempt(() => close(status >= 500))
    if (!(closing instanceof Promise)) {
      send(closing)
      return
    }
    state = 'saving'
    unlock = lockHead(response, () => held.some(([name]) => name === 'end'))
    closing
      .then(send)
      .catch(replace)
      .catch(() => response.destroy())
  }

  const send = (commit: SessionCommit): void => {
    saved = commit
    unlock()
    state = 'sent'
    writeSession(headersOf(response), commit)
    if (held.length === 0) return
    response.statusCode = status
    let result: unknown
    for (const [name, args] of held) result = originals[name](...args)
    // A held `write` returned false. If Node's own buffer is full by now, Node will emit `drain` itself.
    if (result !== false) goOn(response)
  }

  const replace = async (error: unknown): Promise<void> => {
    const commit = saved ? removalsOf(saved) : await close(true)
    const answer = withSession(await answerTo(error), commit)
    const body = await bytesOf(answer)
    unlock()
    // Part of the app's response has been sent already.
    if (response.headersSent) return void response.destroy()
    state = 'sent'
    // Those of `cors()` in front stay: without them a page of another site could not read the answer.
    for (const name of response.getHeaderNames())
      if (!name.toLowerCase().startsWith('access-control-')) response.removeHeader(name)
    writeResponse(response, answer, body, originals)
    state = 'replaced'
    for (const [name, args] of held) drop(name, args)
    goOn(response)
  }

  /** Discards a call of the app's, since the response has been replaced; its callback is still called. */
  const drop = (name: Sending, args: readonly unknown[]): unknown => {
    const done = args.at(-1)
    if (typeof done === 'function') originals.end(done)
    return name === 'write' ? true : response
  }

  const hold = (name: Sending, given: unknown[]): unknown => {
    // As Node does implicitly: middleware mounted after us sets its headers in `writeHead`, and starts
    // compressing.
    if (state === 'open' && (name === 'write' || name === 'flushHeaders'))
      response.writeHead(response.statusCode)
    let args = given
    if (state === 'open') {
      if (name === 'writeHead') args = setHead(response, given)
      status = response.statusCode
      save()
    }
    if (state === 'sent') return originals[name](...args)
    if (state === 'replaced') return drop(name, args)
    // Middleware that sees no headers sent calls `writeHead` a second time.
    if (name !== 'writeHead' || held.length === 0) held.push([name, args])
    return name === 'write' ? false : response
  }

  Object.assign(response, {
    writeHead: (...args: unknown[]) => hold('writeHead', args),
    flushHeaders: (...args: unknown[]) => hold('flushHeaders', args),
    write: (...args: unknown[]) => hold('write', args),
    end: (...args: unknown[]) => hold('end', args),
  })
}

/**
 * Emits `drain` to waiting writers. Compressing middleware keeps such listeners on its own stream, which `on`
 * returns.
 */
function goOn(response: OutgoingLike): void {
  response.emit('drain')
  const ignore = (): void => {}
  const keeper = response.on('drain', ignore)
  if (keeper !== response) keeper.emit('drain')
  keeper.off('drain', ignore)
}

function attempt<T>(work: () => MaybePromise<T>): MaybePromise<T> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error)
  }
}

function headersOf(response: OutgoingLike): ResponseHeaders {
  return {
    get: (name) => response.getHeader(name)?.toString() ?? null,
    set: (name, value) => void response.setHeader(name, value),
    append: (name, value) => addHeader(response, name, value),
  }
}
