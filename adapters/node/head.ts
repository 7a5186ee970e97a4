import { addHeader, type OutgoingLike } from './node-http.ts'

/**
 * Sets the status and headers of a `writeHead` call, as Node would, and returns the remaining arguments.
 * Headers given to `writeHead` replace earlier ones of the same name; ours are set afterwards.
 */
export function setHead(response: OutgoingLike, [status, ...rest]: unknown[]): unknown[] {
  const headers = rest.at(-1)
  if (typeof headers === 'object' && headers !== null) {
    rest.pop()
    const seen = new Set<string>()
    for (const [name, value] of Array.isArray(headers) ? pairsOf(headers) : Object.entries(headers)) {
      if (value === undefined) continue
      const text = Array.isArray(value) ? value.map(String) : String(value)
      if (seen.has(name.toLowerCase())) addHeader(response, name, text)
      else response.setHeader(name, text)
      seen.add(name.toLowerCase())
    }
  }
  response.statusCode = Number(status)
  return [status, ...rest]
}

/** Node accepts alternating names and values, or a list of pairs. */
function pairsOf(list: readonly unknown[]): [name: string, value: unknown][] {
  const flat = Array.isArray(list[0]) ? list.flat(1) : list
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), flat[i + 1]]] : []))
}

/**
 * Makes a held response look as if its headers had been sent: later changes throw, and no error handler
 * responds a second time. Returns a function that undoes this.
 */
export function lockHead(response: OutgoingLike, isEnded: () => boolean): () => void {
  const tooLate = {
    value() {
      throw Object.assign(new Error('Cannot change headers after they are sent to the client.'), {
        code: 'ERR_HTTP_HEADERS_SENT',
      })
    },
  }
  const undo = [
    override(response, 'headersSent', { get: () => true }),
    override(response, 'writableEnded', { get: isEnded }),
    ...['setHeader', 'appendHeader', 'removeHeader'].map((name) => override(response, name, tooLate)),
  ]
  return () => {
    for (const step of undo) step()
  }
}

function override(target: object, name: string, descriptor: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, { ...descriptor, configurable: true })
  return () => {
    if (before) Object.defineProperty(target, name, before)
    else Reflect.deleteProperty(target, name)
  }
}
