import type { Patch, SessionRecord } from 'latchkey'

/** Data keys stand under a dot, so that none can be taken for a field of ours. */
const fieldOf = (key: string): string => `.${key}`

/** Fields and values of a record, in turn. */
export function toFields({ data, ...meta }: SessionRecord): string[] {
  const fields: string[] = []
  for (const [name, value] of Object.entries(meta)) if (value !== undefined) fields.push(name, String(value))
  return [...fields, ...setFields(data)]
}

/** Fields and values for the keys that a patch sets, in turn. */
export function setFields(patch: Patch): string[] {
  const fields: string[] = []
  for (const key in patch) if (patch[key] !== undefined) fields.push(fieldOf(key), JSON.stringify(patch[key]))
  return fields
}

/** The fields of the keys that a patch removes. */
export function removedFields(patch: Patch): string[] {
  return Object.keys(patch)
    .filter((key) => patch[key] === undefined)
    .map(fieldOf)
}

/** The record of a hash; `null` when there is none, or when it is no record of ours. */
export function fromHash(hash: Readonly<Record<string, string>>): SessionRecord | null {
  const data: Record<string, unknown> = {}
  try {
    for (const field in hash) if (field[0] === '.') data[field.slice(1)] = JSON.parse(hash[field] as string)
  } catch {
    return null
  }
  const { createdAt, renewedAt, expiresAt, owner, supersededBy } = hash
  const record = {
    data,
    createdAt: Number(createdAt),
    renewedAt: Number(renewedAt),
    expiresAt: Number(expiresAt),
    ...(owner === undefined ? {} : { owner }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
  }
  return Number.isFinite(record.createdAt + record.renewedAt + record.expiresAt) ? record : null
}

/** What a script answers of a hash: fields and values in turn, or nothing. */
export function fromReply(reply: unknown): SessionRecord | null {
  if (!Array.isArray(reply)) return null
  const hash: Record<string, string> = {}
  for (let i = 0; i < reply.length; i += 2) hash[String(reply[i])] = String(reply[i + 1])
  return fromHash(hash)
}
