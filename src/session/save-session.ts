import type { MaybePromise } from '../base/maybe-promise.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { CookieForm } from '../http/session-cookie.ts'
import type { UserLike } from '../user/user.ts'
import { removeCookie, setCookie, UNCHANGED } from './commit.ts'
import { endedCookie } from './ended-cookie.ts'
import type { IncomingSession } from './incoming-session.ts'
import { USER_ID } from './keys.ts'
import { hasValue, isEmpty } from './record.ts'
import type { Beginning, KeptSession, SessionKind } from './session-kind.ts'

/** What a request does to its session. */
export interface SessionChanges {
  patch: Record<string, unknown> | undefined
  /** The user whose session a login has begun in this request. */
  loginOf: UserLike['id'] | undefined
  /** The loaded data is discarded: for good, or only if the request succeeds. */
  emptied: 'for good' | 'if kept' | undefined
  /** What the user's row says against the session. `overdue`: for so long that it is to be ended. */
  suspended: 'for now' | 'overdue' | undefined
  /** Whether the id changes. `left`: and what the old id held must not come back. */
  rotated: 'kept' | 'left' | undefined
}

/** What a request's session is saved by. */
export interface SavingParts {
  readonly kind: SessionKind
  readonly cookie: CookieForm
  readonly incoming: IncomingSession
  now(): number
}

/** Saves a session that the request has changed, or that is due to be renewed. */
export function saveSession(
  parts: SavingParts,
  changes: SessionChanges,
  failed: boolean,
): MaybePromise<SessionCommit> {
  return changes.emptied ? saveEmptied(parts, changes, failed) : saveLoaded(parts, changes)
}

function saveLoaded(parts: SavingParts, changes: SessionChanges): MaybePromise<SessionCommit> {
  const loaded = parts.incoming.loaded ?? parts.incoming.load()
  if (loaded instanceof Promise) return loaded.then(() => saveLoaded(parts, changes))
  return typeof loaded === 'string' ? saveNew(parts, changes) : saveChange(parts, changes, loaded)
}

async function saveEmptied(
  parts: SavingParts,
  changes: SessionChanges,
  failed: boolean,
): Promise<SessionCommit> {
  const { incoming, cookie } = parts
  if (!failed) await incoming.end()
  if (incoming.values.length === 0) return saveNew(parts, changes)
  const ended = endsLogin(parts, changes) ? endedNow(parts, parts.now()) : undefined
  const created = await saveNew(parts, changes, ended)
  return withEnd(parts, created.cookies.length > 0 ? created : removeCookie(cookie), ended)
}

function saveNew(parts: SavingParts, changes: SessionChanges, ended?: number): MaybePromise<SessionCommit> {
  if (!hasValue(changes.patch)) return UNCHANGED
  const kept = parts.kind.create(changes.patch, beginning(parts, changes, ended))
  return kept instanceof Promise ? kept.then((later) => cookieOf(parts, later)) : cookieOf(parts, kept)
}

async function saveChange(
  parts: SavingParts,
  changes: SessionChanges,
  loaded: KeptSession,
): Promise<SessionCommit> {
  const { kind, cookie } = parts
  const { patch = {}, rotated } = changes
  const ended = endOf(parts, changes, loaded)
  const kept = await (rotated
    ? kind.rotate(loaded, patch, beginning(parts, changes, ended))
    : kind.update(loaded, patch))
  // Another request ended the session meanwhile: the browser's cookie is no longer ours to change.
  if (kept === null) return UNCHANGED
  if (isEmpty(kept.record.data) && (await kind.endIfEmpty(kept))) return removeCookie(cookie)
  const isSame = kept.value === loaded.value && !cookie.isPersistent
  return withEnd(parts, isSame ? UNCHANGED : cookieOf(parts, kept), ended)
}

function beginning(
  parts: SavingParts,
  { loginOf, rotated }: SessionChanges,
  ended: number = parts.incoming.endedAt,
): Beginning {
  return {
    loginOf,
    notBefore: ended + 1,
    isLeaving: rotated === 'left',
    check: (kept) => cookieOf(parts, kept),
  }
}

function cookieOf({ cookie, now }: SavingParts, { value, record }: KeptSession): SessionCommit {
  return setCookie(cookie, value, record, now())
}

/** Whether the browser is told that the session is over: its visitor has ended it, or another login has. */
function endsLogin({ kind, incoming }: SavingParts, { emptied, suspended }: SessionChanges): boolean {
  if (!kind.tellsEnd) return false
  if (emptied === 'for good') return suspended !== 'overdue'
  const { loaded } = incoming
  return typeof loaded === 'object' && loaded.record.data[USER_ID] !== undefined
}

/** What the browser is told of a session that goes on under a new id. */
function endOf(
  parts: SavingParts,
  { loginOf, rotated }: SessionChanges,
  { isReadOnly }: KeptSession,
): number | undefined {
  if (!parts.kind.tellsEnd) return undefined
  // Only the session of the impersonation is over, and not what has begun since.
  if (rotated === 'left') return endedNow(parts, 0)
  return isReadOnly && loginOf !== undefined ? endedNow(parts, parts.now()) : undefined
}

/** The number for the browser: not less than `now`, than when the session began, and than what the browser says already. */
function endedNow({ incoming }: SavingParts, now: number): number {
  return Math.max(now, incoming.beganAt, incoming.endedAt)
}

function withEnd({ kind, cookie }: SavingParts, commit: SessionCommit, ended?: number): SessionCommit {
  if (ended === undefined) return commit
  return {
    ...commit,
    cookies: [...commit.cookies, endedCookie(cookie, ended, kind.lifetime.absoluteSeconds)],
  }
}
