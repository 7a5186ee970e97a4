/**
 * What a store keeps for one session between requests. All times are epoch milliseconds.
 *
 * A record is a value: it may be kept and must not be changed. A store makes a new record for each change, so
 * that a request under way goes on reading the one that it loaded.
 */
export interface SessionRecord {
  /**
   * The session's data: JSON values by key. Empty once the record is marked. A key is any text of 1 to 300 characters
   * without NUL and lone surrogates, except `__proto__`.
   */
  readonly data: Readonly<Record<string, unknown>>
  /** When the session began. A login begins a new one. */
  readonly createdAt: number
  /** When the session was last renewed by use. */
  readonly renewedAt: number
  /** When the session ends unless it is renewed: the idle or the absolute end, whichever is earlier. */
  readonly expiresAt: number
  /** When the store forgets the record: a live one not before `expiresAt`, a marked one when its mark is over. */
  readonly keptUntil: number
  /**
   * The user it belongs to: one key for all sessions of a user, made by `storedSessions`. Anonymous sessions
   * have none.
   */
  readonly owner?: string
  /** Present if this session goes on under another id, or has ended. Such a record never changes again. */
  readonly mark?: SessionMark
}

/** What a record that is no longer a session says about itself. All times are epoch milliseconds. */
export interface SessionMark {
  /**
   * Why the record is no longer a session.
   *
   * - `login` a login began a new session under another id
   * - `rotation` the same session goes on under another id
   * - `ended` the session is over
   */
  readonly kind: 'login' | 'rotation' | 'ended'
  /** Why the session ended, for `ended`. */
  readonly reason?: string
  /**
   * Until when a request with the old id is answered from the mark: after a rotation it reads the session as it is
   * now, after a login an empty one. It can write to neither. From then on the old id is unknown.
   */
  readonly readableUntil: number
  /** The id of the record that continues this session; `null` if none does, or none that may be reached from here. */
  readonly next: string | null
}

/** The times of a record that a renewal changes. */
export type RecordTimes = Pick<SessionRecord, 'renewedAt' | 'expiresAt' | 'keptUntil'>

/** Changes to a record's data: a value sets its key, `undefined` removes it, other keys stay. */
export type SessionPatch = Readonly<Record<string, unknown>>

/** Returns `data` with `patch` applied, as a new object. */
export function patched(
  data: Readonly<Record<string, unknown>>,
  patch: SessionPatch,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...data }
  for (const key in patch) {
    if (patch[key] !== undefined) result[key] = patch[key]
    // Only what is there: V8 makes a slow dictionary of an object that loses a key.
    else if (key in result) delete result[key]
  }
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

/** Whether a patch sets any key. */
export function hasValue(patch: SessionPatch | undefined): patch is SessionPatch {
  for (const key in patch) if (patch[key] !== undefined) return true
  return false
}
