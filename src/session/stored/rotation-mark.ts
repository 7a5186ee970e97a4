import type { SessionMark } from '../record.ts'

/** How long the mark of a user's old record stays: longer than any request that began under it. */
const FOLLOWED_MS = 600_000
/** How long the old id still reads after a rotation, for requests that were under way. */
const ROTATION_MS = 10_000
/**
 * How long requests under way with a visitor's old id read an empty session. Not longer: if the
 * login's response was lost, the browser still has that cookie.
 */
const VISITOR_MS = 30_000

/**
 * The mark of a record whose session goes on under `next`. A visitor's leads nowhere (`null`): an old id that was known
 * before the login must not reach the session after it, and there is no login under it that could be logged out.
 * After a login over a user's session the old id is dead at once.
 */
export function markOf(kind: 'login' | 'rotation', next: string | null, now: number): SessionMark {
  const readableMs = next === null ? VISITOR_MS : kind === 'rotation' ? ROTATION_MS : 0
  return { kind, next, readableUntil: now + readableMs }
}

/** How long the store keeps a marked record: as long as a logout may have to follow it, or a request reads it. */
export function keptUntil({ next, readableUntil }: SessionMark, now: number): number {
  return next === null ? readableUntil : now + FOLLOWED_MS
}
