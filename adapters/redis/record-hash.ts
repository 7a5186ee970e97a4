import type { SessionPatch, SessionRecord } from 'latchkey'

/** The fields of our own: times and owner, the data as it was at first, and what carries the session on. */
const META = 'meta'
const DATA = 'data'
const SUPERSEDED_BY = 'replacedBy'

/** Changed keys stand under a dot, so that none can be taken for a field of ours. */
const fieldOf = (key: string): string => `.${key}`

/** Fields and values of a new record, in turn. `indexedUntil`: the end of its entry in its owner's index, or 0. */
export function toFields(record: SessionRecord, indexedUntil: number): string[] {
  const { data, createdAt, renewedAt, expiresAt, owner, replacedBy } = record
  const meta = [expiresAt, renewedAt, createdAt, indexedUntil, owner ?? []].flat().join(' ')
  const fields = [META, meta, DATA, JSON.stringify(data)]
  return replacedBy === undefined ? fields : [...fields, SUPERSEDED_BY, replacedBy]
}

/** Fields and values for what a patch changes, in turn. Nothing, which is no JSON, stands for a key that is gone. */
export function toChanges(patch: SessionPatch): string[] {
  const fields: string[] = []
  for (const key in patch)
    fields.push(fieldOf(key), patch[key] === undefined ? '' : JSON.stringify(patch[key]))
  return fields
}

/** The record of a hash; `null` when there is none, or when it is no record of ours. At every request. */
export function fromHash(hash: Readonly<Record<string, string>>): SessionRecord | null {
  const { [META]: meta, [DATA]: first, [SUPERSEDED_BY]: replacedBy } = hash
  if (meta === undefined || first === undefined) return null
  const [expiresAt, renewedAt, createdAt, , ...owner] = meta.split(' ')
  const times = { createdAt: Number(createdAt), renewedAt: Number(renewedAt), expiresAt: Number(expiresAt) }
  if (!Number.isFinite(times.createdAt + times.renewedAt + times.expiresAt)) return null
  try {
    const data = JSON.parse(first)
    for (const field in hash) if (field[0] === '.') change(data, field.slice(1), hash[field] as string)
    const record: { -readonly [Key in keyof SessionRecord]: SessionRecord[Key] } = { data, ...times }
    if (owner.length > 0) record.owner = owner.join(' ')
    if (replacedBy !== undefined) record.replacedBy = replacedBy
    return record
  } catch {
    return null
  }
}

function change(data: Record<string, unknown>, key: string, json: string): void {
  if (json === '') delete data[key]
  else data[key] = JSON.parse(json)
}

/** What a script answers of a hash: fields and values in turn, or nothing. */
export function fromReply(reply: unknown): SessionRecord | null {
  if (!Array.isArray(reply)) return null
  const hash: Record<string, string> = {}
  for (let i = 0; i < reply.length; i += 2) hash[String(reply[i])] = String(reply[i + 1])
  return fromHash(hash)
}
