import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { serializeCookie } from '../http/cookie.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { CookieForm } from '../http/session-cookie.ts'
import type { UserLike } from '../user/user.ts'
import type { IncomingSession } from './incoming-session.ts'
import { isEmpty, type SessionPatch } from './record.ts'
import type { KeptSession, LoadResult, SessionKind } from './session-kind.ts'

/** Browsers drop a `Set-Cookie` value that is longer than this (RFC 6265bis, section 5.6). */
const MAX_BYTES = 4096

/** The session was not asked for: the response does not depend on it. */
export const UNUSED: SessionCommit = { used: false, cookies: [] }
/** The browser's cookie stays as it is. */
export const UNCHANGED: SessionCommit = { used: true, cookies: [] }

/** What a request has done to its session, and what saving it needs. */
interface Changes {
  readonly kind: SessionKind
  readonly cookie: CookieForm
  /** The current time, epoch milliseconds. */
  readonly now: number
  readonly incoming: IncomingSession
  readonly patch: SessionPatch | undefined
  /** The user whose session a login has begun. */
  readonly loginOf: UserLike['id'] | undefined
  readonly isRotated: boolean
  /** The loaded data is discarded. */
  readonly isEmptied: boolean
  /** False for a request that failed. */
  readonly isKept: boolean
}

/** Saves what was changed, and returns the cookie that the response must carry. */
export function saveChanges(changes: Changes): MaybePromise<SessionCommit> {
  if (changes.isEmptied) return saveEmptied(changes)
  const loaded = changes.incoming.loaded ?? changes.incoming.load()
  return loaded instanceof Promise
    ? loaded.then((later) => saveOver(changes, later))
    : saveOver(changes, loaded)
}

function saveOver(changes: Changes, loaded: LoadResult): MaybePromise<SessionCommit> {
  return typeof loaded === 'string' ? saveNew(changes) : saveLoaded(changes, loaded)
}

async function saveEmptied(changes: Changes): Promise<SessionCommit> {
  const { incoming, isKept, cookie } = changes
  if (isKept) await incoming.end()
  const created = await saveNew(changes)
  if (created.cookies.length > 0 || incoming.values.length === 0) return created
  return removeCookie(cookie)
}

function saveNew(changes: Changes): MaybePromise<SessionCommit> {
  const { kind, patch, loginOf } = changes
  if (!hasValue(patch)) return UNCHANGED
  const kept = kind.create(patch, loginOf)
  return kept instanceof Promise ? kept.then((later) => setCookie(changes, later)) : setCookie(changes, kept)
}

async function saveLoaded(changes: Changes, loaded: KeptSession): Promise<SessionCommit> {
  const { kind, cookie, patch = {}, loginOf, isRotated } = changes
  const kept = await (isRotated ? kind.rotate(loaded, patch, loginOf) : kind.update(loaded, patch))
  // Another request ended the session meanwhile: the browser's cookie is no longer ours to change.
  if (kept === null) return UNCHANGED
  if (isEmpty(kept.record.data) && (await kind.endIfEmpty(kept))) return removeCookie(cookie)
  return kept.value === loaded.value && !cookie.isPersistent ? UNCHANGED : setCookie(changes, kept)
}

/**
 * Sends the cookie that opens a session.
 *
 * @throws LatchkeyError `session_too_large` for a cookie that no browser would keep.
 */
function setCookie({ cookie: form, now }: Changes, { value, record }: KeptSession): SessionCommit {
  const cookie = form.set(value, (record.expiresAt - now) / 1000)
  const { length } = serializeCookie(cookie)
  if (length <= MAX_BYTES) return { used: true, cookies: [cookie] }
  const [largest] = Object.entries(record.data)
    .map(([key, item]) => [key, JSON.stringify(item).length] as const)
    .sort(([, a], [, b]) => b - a)[0] ?? ['']
  throw new LatchkeyError(
    'session_too_large',
    `The session cookie would take ${length} bytes of ${MAX_BYTES}. Largest key: "${largest}". ` +
      'Store it elsewhere, or use storedSessions().',
  )
}

/** Removes the browser's cookie. */
function removeCookie(form: CookieForm): SessionCommit {
  return { used: true, cookies: [form.expire()] }
}

function hasValue(patch: SessionPatch | undefined): patch is SessionPatch {
  for (const key in patch) if (patch[key] !== undefined) return true
  return false
}
