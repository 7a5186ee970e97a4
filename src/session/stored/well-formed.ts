import type { SessionMark, SessionRecord } from '../record.ts'

/** A record that was tampered with, or has another version, must not crash a request. */
export function isRecord(record: SessionRecord): boolean {
  const { data, createdAt, renewedAt, expiresAt, mark } = record
  const hasTimes = [createdAt, renewedAt, expiresAt].every(Number.isFinite)
  return (
    hasTimes &&
    typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    (mark === undefined || isMark(mark))
  )
}

function isMark(mark: SessionMark | null): boolean {
  if (!mark || !['login', 'rotation', 'ended'].includes(mark.kind)) return false
  return Number.isFinite(mark.readableUntil) && (mark.next === null || typeof mark.next === 'string')
}
