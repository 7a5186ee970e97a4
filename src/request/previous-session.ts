import { LatchkeyError } from '../base/errors.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import type { LoginTail } from '../login/complete-login.ts'
import type { LoginOptions } from '../login/login-outcome.ts'
import { isOwnKey } from '../session/keys.ts'
import type { SessionPatch } from '../session/record.ts'
import type { SessionKind } from '../session/session-kind.ts'
import { checkSessionKey, ownCopy } from '../session/session-value.ts'
import type { UserLike } from '../user/user.ts'
import type { MigrationNotes } from './migration-notes.ts'
import type { PreviousCookie } from './previous-cookie.ts'

/** The sessions of the library that an app used before latchkey. */
export interface PreviousSession<User extends UserLike, Data = unknown> {
  /** The old cookie, as it was set. Default: path `/` and no domain. */
  readonly cookie: PreviousCookie
  /**
   * Reads the old cookie's value (percent-decoded, chunks joined) with the library that made it. `null`: there is no such
   * session. If it throws, or has not answered within `timeLimitSeconds`, the old store counts as down: the response is
   * 503 (`backend_failed`), and the old cookie stays.
   */
  readonly read: (value: string) => MaybePromise<Data | null | undefined>
  /**
   * Finds the user of the old session. `null`: it has none. Look them up as at a login: they may be gone or changed since.
   * If it throws or does not answer, the response is 503, as for `read`.
   */
  readonly findUser: (data: Data) => MaybePromise<User | null | undefined>
  /** Returns what the new session takes over, by key: JSON values, of visitors without a user too. Default: nothing. */
  readonly dataOf?: (data: Data) => Readonly<Record<string, unknown>> | null | undefined
  /**
   * Ends the old session in its store. Called once the new session is saved and `keepSeconds` are over, and at a logout.
   * Leave it out where there is no store. Ending it twice must be no error.
   */
  readonly end?: (data: Data) => MaybePromise<unknown>
  /**
   * Options of the login: `remember: true` if the old app kept its users logged in, `authTime` if it tells. Default: the
   * method `migrated`, and not fresh.
   */
  readonly login?: (data: Data) => LoginOptions<User>
  /**
   * For how long the old cookie and its record are kept beside the new session, in seconds, so that the app can be rolled
   * back. Default 86,400 (a day), at least 60. The first request after that which brings both cookies ends them.
   */
  readonly keepSeconds?: number
}

/** What the migration of a request is made of. Calls to the app's functions have a time limit. */
export interface MigratingParts<User extends UserLike, Data>
  extends Pick<PreviousSession<User, Data>, 'cookie' | 'read' | 'findUser' | 'dataOf' | 'end'> {
  readonly login: PreviousSession<User, Data>['login'] | undefined
  readonly keepSeconds: number
  readonly tail: LoginTail<User>
  readonly kind: SessionKind
  readonly notes: MigrationNotes
}

/** An old session that its library accepts. */
export interface OldSession<User, Data> {
  readonly data: Data
  /** The id of the note about it. */
  readonly id: string
  readonly user: User | null
  readonly carried: SessionPatch
}

/**
 * Finds the old session among the values of its cookie: of two cookies with one name either may be the right one, and one that
 * has a user comes first.
 *
 * @throws LatchkeyError `backend_failed` if none has a user and one could not be read.
 */
export async function findOld<User extends UserLike, Data>(
  parts: MigratingParts<User, Data>,
  values: readonly string[],
): Promise<OldSession<User, Data> | undefined> {
  const found = await Promise.allSettled(values.map((value) => prove(parts, value)))
  const proven = found.flatMap((result) => (result.status === 'fulfilled' && result.value) || [])
  const withUser = proven.find(({ user }) => user)
  const failed = found.find((result) => result.status === 'rejected')
  if (!withUser && failed) throw failed.reason
  return withUser ?? proven[0]
}

async function prove<User extends UserLike, Data>(
  { read, findUser, dataOf, notes }: MigratingParts<User, Data>,
  value: string,
): Promise<OldSession<User, Data> | null> {
  const data = await read(value)
  if (data === null || data === undefined) return null
  return {
    data,
    id: notes.idOf(value),
    user: (await findUser(data)) ?? null,
    carried: carriedOf(dataOf?.(data) ?? {}),
  }
}

/** A copy of what the app carries over. Refuses the library's own keys: they would say who is there. */
function carriedOf(data: SessionPatch): SessionPatch {
  const carried: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(data)) {
    checkSessionKey(key)
    if (isOwnKey(key)) {
      const message = `\`dataOf\`: the session key "${key}" is reserved for latchkey. Leave it out.`
      throw new LatchkeyError('session_key_refused', message)
    }
    if (value !== undefined) carried[key] = ownCopy(key, value)
  }
  return carried
}

/**
 * Ends the old sessions of these values: no request that brings one of them logs in by it again.
 *
 * @param ids The ids of notes to mark in any case.
 * @param withNew Whether to end the sessions that have taken their place as well. Otherwise that is the caller's to do.
 * @throws LatchkeyError `backend_failed`. All that can be ended is ended then.
 */
export async function endOld<User extends UserLike, Data>(
  { read, end, notes, kind }: MigratingParts<User, Data>,
  values: readonly string[],
  ids: readonly string[],
  withNew: boolean,
): Promise<void> {
  const marked = new Set<string>()
  const mark = async (id: string): Promise<void> => {
    if (marked.has(id)) return
    marked.add(id)
    const session = await notes.end(id, kind.lifetime.longestSeconds)
    if (withNew && session) await kind.endKept(session, 'logged_out')
  }
  const finish = async (value: string): Promise<void> => {
    const data = await read(value)
    if (data === null || data === undefined) return
    await Promise.all([mark(notes.idOf(value)), end?.(data)])
  }
  const results = await Promise.allSettled([...ids.map(mark), ...values.map(finish)])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
