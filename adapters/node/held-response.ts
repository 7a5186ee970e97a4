import type { MaybePromise } from 'latchkey'
import { type ResponseHeaders, type SessionCommit, withSession, writeSession } from 'latchkey/adapter'
import { lockHead, setHead } from './head.ts'
import { addHeader, bytesOf, type OutgoingLike, writeResponse } from './node-http.ts'

/** What a response waits for. */
export interface Saving {
  /** Saves the session: what the response has to say of it. */
  commit(failed: boolean): MaybePromise<SessionCommit>
  /** The answer to send instead where that failed. */
  answerTo(error: unknown): Promise<Response>
}

type Sending = 'writeHead' | 'flushHeaders' | 'write' | 'end'

/**
 * Makes a response wait for the session: what would send its headers is held back until the session has been saved,
 * and then done in the same order. Node has no such hook, and `res.end` cannot be awaited; where nothing needs to be
 * waited for, nothing is held.
 */
export function holdResponse(response: OutgoingLike, { commit, answerTo }: Saving): void {
  const originals: Record<Sending, (...args: unknown[]) => unknown> = {
    writeHead: response.writeHead.bind(response),
    flushHeaders: response.flushHeaders?.bind(response) ?? (() => {}),
    write: response.write.bind(response),
    end: response.end.bind(response),
  }
  const held: [name: Sending, args: unknown[]][] = []
  let state: 'open' | 'saving' | 'sent' | 'replaced' = 'open'
  let status = 200
  let unlock = (): void => {}

  const save = (): void => {
    const saved = attempt(() => commit(status >= 500))
    if (!(saved instanceof Promise)) {
      send(saved)
      return
    }
    state = 'saving'
    unlock = lockHead(response, () => held.some(([name]) => name === 'end'))
    saved
      .then(send)
      .catch(replace)
      .catch(() => response.destroy())
  }

  const send = (saved: SessionCommit): void => {
    unlock()
    state = 'sent'
    writeSession(headersOf(response), saved)
    if (held.length === 0) return
    response.statusCode = status
    let result: unknown
    for (const [name, args] of held) result = originals[name](...args)
    // A `write` that was held said "wait". Where Node's own buffer is full by now, Node will say when to go on.
    if (result !== false) goOn(response)
  }

  const replace = async (error: unknown): Promise<void> => {
    const answer = withSession(await answerTo(error), await commit(true))
    const body = await bytesOf(answer)
    unlock()
    // Half of the app's answer has left.
    if (response.headersSent) return void response.destroy()
    state = 'sent'
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    writeResponse(response, answer, body, originals)
    state = 'replaced'
    for (const [name, args] of held) drop(name, args)
    goOn(response)
  }

  /** What the app still has to say is not said; whoever waits for it to be said goes on. */
  const drop = (name: Sending, args: readonly unknown[]): unknown => {
    const done = args.at(-1)
    if (typeof done === 'function') originals.end(done)
    return name === 'write' ? true : response
  }

  const hold = (name: Sending, given: unknown[]): unknown => {
    // As Node does it, and now: middleware that came after us sets headers then, and turns to compressing.
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
    // Middleware that sees nothing sent writes the head a second time.
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

/** Wakes who was told to wait. Middleware that compresses keeps such listeners elsewhere: `on` gives whoever has them. */
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
