import { withTimeLimit } from '../base/backend.ts'
import type { MaybePromise } from '../base/maybe-promise.ts'
import { checkMethods, checkSeconds, misconfigured, refuseUnknown } from '../base/options.ts'
import type { SessionCommit } from '../http/response-headers.ts'
import type { SessionCookie } from '../http/session-cookie.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { LoginTail } from '../login/complete-login.ts'
import type { LoginOptions } from '../login/login-outcome.ts'
import type { RecordStore } from '../session/record-store.ts'
import type { RequestSession } from '../session/request-session.ts'
import type { SessionKind } from '../session/session-kind.ts'
import { memoryRecords } from '../stores/memory.ts'
import type { UserLike } from '../user/user.ts'
import { MigratingVisit } from './migrating-visit.ts'
import { MigrationNotes } from './migration-notes.ts'
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
  /** Options of the login, such as `authTime`. Default: the method `migrated`, and not fresh. */
  readonly login?: (data: Data) => LoginOptions<User>
  /**
   * For how long the old cookie and its record are kept beside the new session, in seconds, so that the app can be rolled
   * back. Default 86,400 (a day); 0 ends them as soon as the new session is saved.
   */
  readonly keepSeconds?: number
}

/** What the migration uses of the configuration. */
export interface MigrationParts<User extends UserLike> {
  /** How a login ends. */
  readonly tail: LoginTail<User>
  /** The kind of the new session. */
  readonly kind: SessionKind
  /** The cookie of the new session. */
  readonly cookies: SessionCookie
  /** Keeps apps and tenants apart. */
  readonly namespace: string
  /** Where all processes note what old sessions have become. */
  readonly records: RecordStore | undefined
}

/** The `migrate` option of `createAuth`, as `migrateSession()` returns it. Apps do not call it. */
export type SessionMigration<User extends UserLike> = (parts: MigrationParts<User>) => ActiveMigration<User>

/** The migration in one configuration. Returns that of one request, or nothing if there is nothing to migrate. */
export type ActiveMigration<User extends UserLike> = (
  context: LoginContext<User>,
  session: RequestSession,
) => VisitMigration

/** The migration of one request. */
export interface VisitMigration {
  /** Logs in by the old session. Returns `undefined` if the request brings none. */
  enter(readOnly: boolean): Promise<void> | undefined
  /** Saves the session by `save`, and then ends the old one if that is due. */
  close(failed: boolean, save: () => MaybePromise<SessionCommit>): MaybePromise<SessionCommit>
}

/** About 8 MiB, where notes are kept in this process alone. */
const MAX_NOTES = 16_384

/**
 * Logs visitors in by the sessions of an app's previous library, so that switching to latchkey logs no one out:
 * `createAuth({ migrate: migrateSession({ … }) })`. Remove it when the last old session has ended.
 *
 * It does so for a request that carries an old session and none of ours, before the path rules are asked. Guards and the
 * second factor are checked as at any login. The login is not fresh, because the user proved nothing just now. Of parallel
 * requests with one old cookie, one begins the new session. The others are shown the user, and what they write is dropped.
 *
 * Nothing old is lost before the new session is saved. The old cookie and its record then stay for `keepSeconds`. A logout,
 * or a login by other means, ends them at once, and neither that cookie nor a copy of it logs in again.
 *
 * @throws LatchkeyError `invalid_configuration` for a wrong or unknown option.
 */
export function migrateSession<User extends UserLike, Data>(
  previous: PreviousSession<User, Data>,
): SessionMigration<User> {
  const { cookie, read, findUser, dataOf, end, login, keepSeconds = 86_400, ...unknown } = previous
  refuseUnknown(unknown)
  checkMethods('migrateSession', previous, ['read', 'findUser'])
  for (const [name, value] of Object.entries({ dataOf, end, login }))
    if (value !== undefined && typeof value !== 'function') misconfigured(`\`${name}\` must be a function.`)
  if (typeof cookie?.name !== 'string' || cookie.name === '')
    misconfigured("`cookie` must be the old cookie: `{ name: 'connect.sid' }`.")
  checkSeconds('keepSeconds', keepSeconds, 0)
  return ({ tail, kind, cookies, namespace, records }) => {
    if (cookies.mayBe(cookie.name))
      misconfigured(
        `The old cookie and ours would both be called "${cookie.name}": set \`cookie: { name }\` in createAuth().`,
      )
    const { now, timeLimitSeconds } = tail
    const scope = `${namespace.length}:${namespace}:${cookies.baseName}:${cookie.name}`
    const parts = {
      ...withTimeLimit('previous session', timeLimitSeconds, previous, ['read', 'findUser', 'dataOf', 'end']),
      cookie,
      login,
      keepSeconds,
      tail,
      kind,
      notes: new MigrationNotes(records ?? memoryRecords({ maxRecords: MAX_NOTES, now }), scope, now),
    }
    return (context, session) => new MigratingVisit(parts, context, session)
  }
}
