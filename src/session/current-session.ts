import type { IncomingSession } from './incoming-session.ts'
import type { SessionRecord } from './record.ts'
import { type SessionChanges, UNTOUCHED } from './save-session.ts'

/** Whether the request has anything to save. */
export function isChanged(change: Readonly<SessionChanges>): boolean {
  if (change === UNTOUCHED) return false
  return change.emptied !== undefined || change.patch !== undefined || change.rotated !== undefined
}

/** Whether the session of the request's cookie counts no longer, or not for this request. */
export function isEmptied(change: Readonly<SessionChanges>): boolean {
  return change !== UNTOUCHED && (change.emptied !== undefined || change.suspended === 'for now')
}

/**
 * When the session of this request ends unless it is used again, epoch milliseconds: the one that a login in it has begun,
 * or the one that was loaded. `null` without one.
 */
export function expiresAt(
  incoming: IncomingSession,
  change: Readonly<SessionChanges>,
  willRenew: boolean,
): number | null {
  const { kind, loaded, now } = incoming
  const { lifetime } = kind
  if (change.loginOf !== undefined) return lifetime.renewed(begun(incoming, change), now()).expiresAt
  if (typeof loaded !== 'object' || isEmptied(change)) return null
  return willRenew ? lifetime.renewed(loaded.record, now()).expiresAt : loaded.ends.expiresAt
}

/** When it ends at the latest, epoch milliseconds; `null` without one. */
export function absoluteExpiresAt(
  incoming: IncomingSession,
  change: Readonly<SessionChanges>,
): number | null {
  const { kind, loaded } = incoming
  const { lifetime } = kind
  if (change.loginOf !== undefined) return lifetime.absoluteEndOf(begun(incoming, change))
  return typeof loaded === 'object' && !isEmptied(change) ? loaded.ends.absoluteExpiresAt : null
}

/** The session of the login that this request has made. A sealed one begins after what the browser says has ended. */
function begun(
  { kind, now, endedAt }: IncomingSession,
  { patch = {} }: Readonly<SessionChanges>,
): Pick<SessionRecord, 'data' | 'createdAt'> {
  return { data: patch, createdAt: kind.tellsEnd ? Math.max(now(), endedAt + 1) : now() }
}
