import type { IncomingSession } from './incoming-session.ts'
import type { SessionRecord } from './record.ts'
import { type SessionChanges, UNTOUCHED } from './save-session.ts'

/** Whether the session of the request's cookie counts no longer, or not for this request. */
export function isEmptied(change: Readonly<SessionChanges>): boolean {
  return change !== UNTOUCHED && (change.emptied !== undefined || change.suspended === 'for now')
}

/**
 * When the session of this request ends unless it is used again, epoch milliseconds: the one that a login in it has begun,
 * or the one that was loaded. `null` without one.
 */
export function expiresAt(
  { kind: { lifetime }, loaded, now }: IncomingSession,
  change: Readonly<SessionChanges>,
  willRenew: boolean,
): number | null {
  if (change.loginOf !== undefined) return lifetime.renewed(begun(change, now()), now()).expiresAt
  if (typeof loaded !== 'object' || isEmptied(change)) return null
  return willRenew ? lifetime.renewed(loaded.record, now()).expiresAt : lifetime.endsAt(loaded.record)
}

/** When it ends at the latest, epoch milliseconds; `null` without one. */
export function absoluteExpiresAt(
  { kind: { lifetime }, loaded, now }: IncomingSession,
  change: Readonly<SessionChanges>,
): number | null {
  if (change.loginOf !== undefined) return lifetime.absoluteEndOf(begun(change, now()))
  return typeof loaded === 'object' && !isEmptied(change) ? lifetime.absoluteEndOf(loaded.record) : null
}

/** The session of the login that this request has made. */
function begun(
  { patch = {} }: Readonly<SessionChanges>,
  createdAt: number,
): Pick<SessionRecord, 'data' | 'createdAt'> {
  return { data: patch, createdAt }
}
