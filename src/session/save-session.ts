import type { MaybePromise } from '../base/maybe-promise.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { UserLike } from '../user/user.ts'
import { removeCookie, setCookie, UNCHANGED } from './commit.ts'
import { endedCookie } from './ended-cookie.ts'
import type { IncomingSession } from './incoming-session.ts'
import { USER_ID } from './keys.ts'
import { hasValue, isEmpty, type SessionPatch } from './record.ts'
import type { Beginning, KeptSession } from './session-kind.ts'

/** What a request does to its session. */
export interface SessionChanges {
  patch: Record<string, unknown> | undefined
  /** The user whose session a login has begun in this request. */
  loginOf: UserLike['id'] | undefined
  /** The loaded data is discarded: for good, or only if the request succeeds. */
  emptied: 'for good' | 'if kept' | undefined
  /** What the user's row says against the session. `overdue`: for so long that it is to be ended. */
  suspended: 'for now' | 'overdue' | undefined
  /** Whether the id changes. `left`: an impersonation was left, and what the old id held must not come back. */
  rotated: 'kept' | 'left' | undefined
  /** The change is saved, and the session is not extended by it. */
  keepsTimes: boolean
}

/** A request that has done nothing to its session, as most. */
export const UNTOUCHED: Readonly<SessionChanges> = {
  patch: undefined,
  loginOf: undefined,
  emptied: undefined,
  suspended: undefined,
  rotated: undefined,
  keepsTimes: false,
}

/** Saves a session that the request has changed, or that is due to be renewed. */
export function saveSession(
  incoming: IncomingSession,
  changes: SessionChanges,
  failed: boolean,
): MaybePromise<SessionCommit> {
  return changes.emptied ? saveEmptied(incoming, changes, failed) : saveLoaded(incoming, changes)
}

/** @throws LatchkeyError `session_too_large` if no cookie could hold a session with these data. */
export async function checkFits(incoming: IncomingSession, data: SessionPatch): Promise<void> {
  const trial = await incoming.kind.trial?.(data)
  if (trial) cookieOf(incoming, trial)
}

function saveLoaded(incoming: IncomingSession, changes: SessionChanges): MaybePromise<SessionCommit> {
  const loaded = incoming.loaded ?? incoming.load()
  if (loaded instanceof Promise) return loaded.then(() => saveLoaded(incoming, changes))
  return typeof loaded === 'string' ? saveNew(incoming, changes) : saveChange(incoming, changes, loaded)
}

async function saveEmptied(
  incoming: IncomingSession,
  changes: SessionChanges,
  failed: boolean,
): Promise<SessionCommit> {
  // Before another user's session is ended: a login that fits into no cookie changes nothing.
  if (changes.emptied === 'if kept' && changes.patch) await checkFits(incoming, changes.patch)
  if (!failed && endsForGood(incoming, changes)) await incoming.end('logged_out')
  if (incoming.values.length === 0 && !incoming.hasRivals) return saveNew(incoming, changes)
  const ended = endsLogin(incoming, changes) ? endedNow(incoming, incoming.now()) : undefined
  const created = await saveNew(incoming, changes, ended)
  return withEnd(incoming, created.cookies.length > 0 ? created : removeCookie(incoming.cookie), ended)
}

function saveNew(
  incoming: IncomingSession,
  changes: SessionChanges,
  ended?: number,
): MaybePromise<SessionCommit> {
  if (!hasValue(changes.patch)) return UNCHANGED
  const kept = incoming.kind.create(changes.patch, beginning(incoming, changes, ended))
  return kept instanceof Promise
    ? kept.then((later) => keptCookie(incoming, later))
    : keptCookie(incoming, kept)
}

async function saveChange(
  incoming: IncomingSession,
  changes: SessionChanges,
  loaded: KeptSession,
): Promise<SessionCommit> {
  const { kind, cookie } = incoming
  const { patch = {}, rotated } = changes
  const ended = endOf(incoming, changes, loaded)
  const kept = await (rotated
    ? kind.rotate(loaded, patch, beginning(incoming, changes, ended))
    : kind.update(loaded, patch, !changes.keepsTimes))
  // Another request ended the session meanwhile: the browser's cookie is no longer ours to change.
  if (kept === null) return UNCHANGED
  if (isEmpty(kept.record.data) && (await kind.endIfEmpty(kept))) return removeCookie(cookie)
  const isPersistent = kind.lifetime.isPersistent(kept.record) ?? cookie.isPersistent
  const isSame = kept.value === loaded.value && !isPersistent
  return withEnd(incoming, isSame ? UNCHANGED : keptCookie(incoming, kept), ended)
}

function beginning(
  incoming: IncomingSession,
  { loginOf, rotated, keepsTimes }: SessionChanges,
  ended: number = incoming.endedAt,
): Beginning {
  return {
    loginOf,
    notBefore: ended + 1,
    from: loginOf === undefined ? undefined : incoming.from,
    renews: !keepsTimes,
    isLeaving: rotated === 'left',
    check: (kept) => cookieOf(incoming, kept),
  }
}

/** The cookie of the session that was saved. */
function keptCookie(incoming: IncomingSession, kept: KeptSession): SessionCommit {
  incoming.kept = kept
  return cookieOf(incoming, kept)
}

function cookieOf({ cookie, kind, now }: IncomingSession, { value, record }: KeptSession): SessionCommit {
  return setCookie(cookie, value, record, now(), kind.lifetime.isPersistent(record))
}

/**
 * Whether emptying it ends the session itself, and not only this cookie. What a user's row says against an old seal says
 * nothing against those that the same login has been given since.
 */
export function endsForGood({ kind }: IncomingSession, { suspended }: SessionChanges): boolean {
  return !(kind.tellsEnd && suspended === 'overdue')
}

/** Whether the browser is told that the session is over: its visitor has ended it, or another login has. */
function endsLogin(incoming: IncomingSession, changes: SessionChanges): boolean {
  const { kind, loaded } = incoming
  if (!kind.tellsEnd) return false
  if (changes.emptied === 'for good') return endsForGood(incoming, changes)
  // A login in place of the session that parallel requests have begun.
  if (incoming.hasRivals && incoming.from === undefined) return true
  return typeof loaded === 'object' && loaded.record.data[USER_ID] !== undefined
}

/** What the browser is told of a session that goes on under a new id. */
function endOf(
  incoming: IncomingSession,
  { loginOf, rotated }: SessionChanges,
  { isReadOnly }: KeptSession,
): number | undefined {
  if (!incoming.kind.tellsEnd) return undefined
  // Only the session of the impersonation is over, and not what has begun since.
  if (rotated === 'left') return endedNow(incoming, 0)
  return isReadOnly && loginOf !== undefined ? endedNow(incoming, incoming.now()) : undefined
}

/** The number for the browser: not less than `now`, than when the session began, and than what the browser says already. */
function endedNow({ beganAt, endedAt }: IncomingSession, now: number): number {
  return Math.max(now, beganAt, endedAt)
}

function withEnd({ kind, cookie }: IncomingSession, commit: SessionCommit, ended?: number): SessionCommit {
  if (ended === undefined) return commit
  return {
    ...commit,
    cookies: [...commit.cookies, endedCookie(cookie, ended, kind.lifetime.longestSeconds)],
  }
}
