import { LatchkeyError } from '../base/errors.ts'
import { flatCopy } from '../base/flat-copy.ts'
import { isOwnKey } from './keys.ts'

const MAX_DEPTH = 32
const MAX_KEY_LENGTH = 256
/** For the library's own keys, one of which comes before a key of the app. */
const MAX_OWN_KEY_LENGTH = 300

/** Throws `session_key_refused` for keys that a store or an object could mistake for something else. */
export function checkSessionKey(key: unknown): asserts key is string {
  const fine = typeof key === 'string' && key !== '' && key.isWellFormed()
  const most = fine && isOwnKey(key) ? MAX_OWN_KEY_LENGTH : MAX_KEY_LENGTH
  if (fine && key.length <= most && key !== '__proto__' && !key.includes('\0')) return
  throw new LatchkeyError(
    'session_key_refused',
    `A session key must be a string of 1 to ${MAX_KEY_LENGTH} characters, without NUL, and not "__proto__".`,
  )
}

/**
 * Returns the session's own copy of `value`, so that later changes to the original have no effect.
 *
 * Throws `session_value_refused` for anything that JSON would silently turn into something else (a Date into
 * a string, NaN into null, a Map into `{}`): a value comes back unchanged or is not accepted. `-0` is kept as
 * `0`, its equal.
 */
export function ownCopy(key: string, value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (value.isWellFormed()) return flatCopy(value)
    return refuse(key, 'a string with a lone surrogate', 'Call toWellFormed() on it first.')
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value + 0
    return refuse(key, String(value), 'Store a finite number, null or a string.')
  }
  if (typeof value !== 'object')
    return refuse(key, `a ${typeof value}`, 'Store its JSON form, such as String(value).')
  if (depth >= MAX_DEPTH) {
    return refuse(
      key,
      `nested deeper than ${MAX_DEPTH} levels, or cyclic`,
      'Store a reference to it instead.',
    )
  }
  if (Array.isArray(value)) return Array.from(value, (item) => ownCopy(key, item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return refuse(key, `a ${constructorName(value)}`, 'Store plain data, such as date.getTime() or [...map].')
  }
  return copyOfObject(key, value, depth)
}

function copyOfObject(key: string, value: object, depth: number): object {
  const copy: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue
    if (name === '__proto__') return refuse(key, 'an object with a "__proto__" key', 'Remove that key.')
    copy[ownCopy(key, name) as string] = ownCopy(key, item, depth + 1)
  }
  return copy
}

function constructorName(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'value that is not plain data'
}

function refuse(key: string, what: string, fix: string): never {
  throw new LatchkeyError('session_value_refused', `session.set("${key}"): ${what} cannot be stored. ${fix}`)
}
