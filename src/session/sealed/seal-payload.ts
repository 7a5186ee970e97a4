import type { SessionRecord } from '../record.ts'
import { fromStoredKeys, toStoredKeys } from '../stored-keys.ts'

const VERSION = 1

/** The content of a sealed session. Names are short: each costs a byte of the 4,096 on every request. */
interface SealPayload {
  /** Purpose and version: a seal made for something else under the same keys is not a session. */
  readonly p: 'session'
  readonly v: typeof VERSION
  /** The cookie's name without its prefix. */
  readonly n: string
  /** The session's id. */
  readonly i: string
  /** When it was created, renewed (`r`) and expires (`x`), epoch milliseconds. */
  readonly c: number
  readonly r: number
  readonly x: number
  /** The session's data, under their stored keys. */
  readonly d: Readonly<Record<string, unknown>>
}

export function toPayload(id: string, record: SessionRecord, cookieName: string): SealPayload {
  const { createdAt: c, renewedAt: r, expiresAt: x, data } = record
  return { p: 'session', v: VERSION, n: cookieName, i: id, c, r, x, d: toStoredKeys(data) }
}

/** The session in an opened seal, or `null` unless it is exactly what {@link toPayload} makes. */
export function fromPayload(
  payload: unknown,
  cookieName: string,
): { id: string; record: SessionRecord } | null {
  if (!isObject(payload)) return null
  const { p, v, n, i, c, r, x, d } = payload as Partial<SealPayload>
  if (p !== 'session' || v !== VERSION || n !== cookieName || typeof i !== 'string' || i === '') return null
  if (!isTime(c) || !isTime(r) || !isTime(x) || !isObject(d)) return null
  return {
    id: i,
    record: { data: fromStoredKeys(d), createdAt: c, renewedAt: r, expiresAt: x, keptUntil: x },
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
