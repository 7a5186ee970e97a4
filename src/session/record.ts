/**
 * What a store keeps for one session between requests. All times are epoch milliseconds.
 *
 * A record is a value: it may be kept and must not be changed. A store makes a new record for each change, so
 * that a request under way goes on reading the one that it loaded.
 */
export interface SessionRecord {
  /** The session's data: JSON values by key. */
  readonly data: Readonly<Record<string, unknown>>
  /** When the session began. A login begins a new one. */
  readonly createdAt: number
  /** When the session was last renewed by use. */
  readonly renewedAt: number
  /** When the session ends unless it is renewed: the idle or the absolute end, whichever is earlier. */
  readonly expiresAt: number
  /**
   * The user it belongs to: one key for all sessions of a user, made by `storedSessions`. Anonymous sessions
   * have none.
   */
  readonly owner?: string
  /**
   * The id of the record that continues this session. This record is dead, and kept for a while to say so.
   */
  readonly replacedBy?: string
}

/** The times of a record that a renewal changes. */
export type RecordTimes = Pick<SessionRecord, 'renewedAt' | 'expiresAt'>

/** Changes to a record's data: a value sets its key, `undefined` removes it, other keys stay. */
export type SessionPatch = Readonly<Record<string, unknown>>

/** Returns `data` with `patch` applied, as a new object. */
export function patched(
  data: Readonly<Record<string, unknown>>,
  patch: SessionPatch,
): Record<string, unknown> {
  const result = { ...data, ...patch }
  for (const key in patch) if (patch[key] === undefined) delete result[key]
  return result
}

/** Returns the patch that turns `before` into `after`, for JSON values. */
export function difference(before: SessionPatch, after: SessionPatch): Record<string, unknown> {
  const changed: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) changed[key] = after[key]
  }
  return changed
}

/** Whether the data has no keys. */
export function isEmpty(data: SessionPatch): boolean {
  for (const _ in data) return false
  return true
}
