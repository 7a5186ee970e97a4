/**
 * What is kept for one session between requests. All times are epoch milliseconds.
 *
 * A record is a value: whoever holds one may keep it and must not change it. A store answers each change with a
 * new record, so a request that is under way goes on reading what it loaded.
 */
export interface SessionRecord {
  /** JSON values by key. */
  readonly data: Readonly<Record<string, unknown>>
  /** When the session began; a login begins a new one. */
  readonly createdAt: number
  /** When it was last renewed by use. */
  readonly renewedAt: number
  /** When it ends if it is not renewed: the earlier of idle and absolute end. */
  readonly expiresAt: number
  /** Whose it is: one key for all sessions of a user, made by `storedSessions`. A visitor's record has none. */
  readonly owner?: string
  /** The id of the record that carries this session on. This one is dead, and kept for a while to say so. */
  readonly replacedBy?: string
}

/** The times of a record that renewal moves. */
export type RecordTimes = Pick<SessionRecord, 'renewedAt' | 'expiresAt'>

/** What to change in a record's data: a value sets its key, `undefined` removes it, other keys stay. */
export type SessionPatch = Readonly<Record<string, unknown>>

/** `data` with `patch` laid over it, as a new object. */
export function patched(
  data: Readonly<Record<string, unknown>>,
  patch: SessionPatch,
): Record<string, unknown> {
  const result = { ...data, ...patch }
  for (const key in patch) if (patch[key] === undefined) delete result[key]
  return result
}

/** What would make `after` of `before`, for JSON values. */
export function difference(before: SessionPatch, after: SessionPatch): Record<string, unknown> {
  const changed: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) changed[key] = after[key]
  }
  return changed
}

/** Whether there is no key in it. */
export function isEmpty(data: SessionPatch): boolean {
  for (const _ in data) return false
  return true
}
