import { withTimeLimit } from '../base/backend.ts'
import { checkMethods, checkSeconds, misconfigured, refuseUnknown } from '../base/options.ts'
import type { SessionCookie } from '../http/session-cookie.ts'
import type { LoginContext } from '../identity/login-context.ts'
import type { LoginTail } from '../login/complete-login.ts'
import type { IncomingSession } from '../session/incoming-session.ts'
import type { RecordStore } from '../session/record-store.ts'
import type { RequestSession } from '../session/request-session.ts'
import type { SessionKind } from '../session/session-kind.ts'
import { memoryRecords } from '../stores/memory.ts'
import type { UserLike } from '../user/user.ts'
import { MigratingVisit, type VisitMigration } from './migrating-visit.ts'
import { MigrationNotes } from './migration-notes.ts'
import { previousValues } from './previous-cookie.ts'
import type { PreviousSession } from './previous-session.ts'

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

/** The migration in one configuration. */
export interface ActiveMigration<User extends UserLike> {
  /** Whether a request brings an old cookie. */
  isBrought(request: Request): boolean
  /** Returns the migration of one request. */
  visit(context: LoginContext<User>, session: RequestSession, incoming: IncomingSession): VisitMigration
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
  checkSeconds('keepSeconds', keepSeconds, 60)
  return ({ tail, kind, cookies, namespace, records }) => {
    if (cookies.mayBeNamed(cookie.name))
      misconfigured(
        `The old cookie and ours would both be called "${cookie.name}": set \`cookie: { name }\` in createAuth().`,
      )
    const { now, timeLimitSeconds } = tail
    const scope = `${namespace.length}:${namespace}:${cookies.baseName}:${cookie.name}`
    const parts = {
      ...withTimeLimit('store of previous sessions', timeLimitSeconds, previous, [
        'read',
        'findUser',
        'dataOf',
        'end',
      ]),
      cookie,
      login,
      keepSeconds,
      tail,
      kind,
      notes: new MigrationNotes(records ?? memoryRecords({ maxRecords: MAX_NOTES, now }), scope, now),
    }
    return {
      isBrought: ({ headers }) => previousValues(headers.get('cookie'), cookie).length > 0,
      visit: (context, session, incoming) => new MigratingVisit(parts, context, session, incoming),
    }
  }
}
