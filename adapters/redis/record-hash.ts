import type { SessionPatch, SessionRecord } from 'latchkey'
import { fromStoredKey, fromStoredKeys, toStoredKey, toStoredKeys } from 'latchkey/adapter'

/** Our own fields: times and owner, the initial data, and the mark. */
const META = 'meta'
const DATA = 'data'
const MARK = 'mark'

/** Changed keys are prefixed with a dot, so that none collides with our own fields. */
const fieldOf = (key: string): string => `.${toStoredKey(key)}`

/**
 * A new record as alternating fields and values. `indexedUntil`: when its entry in the owner's index expires,
 * or 0.
 */
export function toFields(record: SessionRecord, indexedUntil: number): string[] {
  const { data, createdAt, renewedAt, expiresAt, keptUntil, owner, mark } = record
  const meta = [keptUntil, expiresAt, renewedAt, createdAt, indexedUntil, owner ?? []].flat().join(' ')
  const fields = [META, meta, DATA, JSON.stringify(toStoredKeys(data))]
  return mark === undefined ? fields : [...fields, MARK, JSON.stringify(mark)]
}

/** A patch as alternating fields and values. An empty value, which is not valid JSON, marks a removed key. */
export function toChanges(patch: SessionPatch): string[] {
  const fields: string[] = []
  for (const key in patch)
    fields.push(fieldOf(key), patch[key] === undefined ? '' : JSON.stringify(patch[key]))
  return fields
}

/** The record in a hash; `null` if the hash is empty or malformed. Runs at every request. */
export function fromHash(hash: Readonly<Record<string, string>>): SessionRecord | null {
  const { [META]: meta, [DATA]: first, [MARK]: mark } = hash
  if (meta === undefined || first === undefined) return null
  const [keptUntil, expiresAt, renewedAt, createdAt, , ...owner] = meta.split(' ')
  const times = {
    createdAt: Number(createdAt),
    renewedAt: Number(renewedAt),
    expiresAt: Number(expiresAt),
    keptUntil: Number(keptUntil),
  }
  if (!Number.isFinite(times.createdAt + times.renewedAt + times.expiresAt + times.keptUntil)) return null
  try {
    const data = fromStoredKeys(JSON.parse(first))
    for (const field in hash)
      if (field[0] === '.') change(data, fromStoredKey(field.slice(1)), hash[field] as string)
    const record: { -readonly [Key in keyof SessionRecord]: SessionRecord[Key] } = { data, ...times }
    if (owner.length > 0) record.owner = owner.join(' ')
    if (mark !== undefined) record.mark = JSON.parse(mark)
    return record
  } catch {
    return null
  }
}

function change(data: Record<string, unknown>, key: string, json: string): void {
  if (json === '') delete data[key]
  else data[key] = JSON.parse(json)
}

/** The record in a script's reply: alternating fields and values, or nothing. */
export function fromReply(reply: unknown): SessionRecord | null {
  if (!Array.isArray(reply)) return null
  const hash: Record<string, string> = {}
  for (let i = 0; i < reply.length; i += 2) hash[String(reply[i])] = String(reply[i + 1])
  return fromHash(hash)
}
