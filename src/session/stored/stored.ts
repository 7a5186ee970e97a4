import { flatCopy } from '../../base/flat-copy.ts'
import { checkCount, misconfigured, refuseUnknown } from '../../base/options.ts'
import type { DeviceList } from '../devices/device-list.ts'
import { ListedDevices } from '../devices/listed-devices.ts'
import { SessionLimit } from '../devices/session-limit.ts'
import { UserRecords } from '../devices/user-records.ts'
import { EndReasons } from '../end-reasons.ts'
import { AUTH_ADDRESS, AUTH_USER_AGENT } from '../keys.ts'
import { limitedStore } from '../limited-store.ts'
import { checkStore, type IndexedRecordStore, type RecordStore } from '../record-store.ts'
import type { SessionEnvironment, SessionStrategy } from '../session-kind.ts'
import { RecordIds } from './record-ids.ts'
import { type DeviceSupport, StoredSessions } from './stored-sessions.ts'

/** Options of `storedSessions` over a store that can list a user's records. */
export interface IndexedSessionOptions {
  /** How many sessions a user may have at the same time. Default: no limit. */
  readonly maxSessionsPerUser?: number
  /**
   * What a login over `maxSessionsPerUser` does. Default `end_least_recent`.
   *
   * - `end_least_recent` ends the session that has not been used for the longest time
   * - `refuse` answers `rejected` with the reason `too_many_sessions`. If several logins at the same instant
   *   were all accepted, the latest ones end.
   */
  readonly onLimit?: 'end_least_recent' | 'refuse'
  /**
   * Stores the client's address with each login, for `auth.devices`. This is personal data. Default false.
   */
  readonly keepAddress?: boolean
  /** Stores the first 256 characters of `User-Agent` with each login, for `auth.devices`. Default false. */
  readonly keepUserAgent?: boolean
}

/**
 * Sessions whose records live in a store. `auth.devices` exists if the store can list a user's records
 * (memory, Redis, SQL, Durable Objects); otherwise it is `undefined`, and its type says so.
 *
 * @throws LatchkeyError `invalid_configuration` if `store` is not a record store, or cannot do what an option
 * needs.
 */
export function storedSessions(
  store: IndexedRecordStore,
  options?: IndexedSessionOptions,
): SessionStrategy<DeviceList>
export function storedSessions(store: RecordStore): SessionStrategy<undefined>
export function storedSessions(
  store: RecordStore | IndexedRecordStore,
  options: IndexedSessionOptions = {},
): SessionStrategy<DeviceList | undefined> {
  const { maxSessionsPerUser, onLimit, keepAddress, keepUserAgent, ...unknown } = options
  refuseUnknown(unknown)
  checkStore('storedSessions', store)
  for (const flag of [keepAddress, keepUserAgent] as unknown[]) {
    if (flag !== undefined && typeof flag !== 'boolean')
      misconfigured('`keepAddress` and `keepUserAgent` must be true or false.')
  }
  if (maxSessionsPerUser !== undefined) checkCount('maxSessionsPerUser', maxSessionsPerUser)
  if (onLimit !== undefined && !['end_least_recent', 'refuse'].includes(onLimit))
    misconfigured('`onLimit` must be "end_least_recent" or "refuse".')
  if (onLimit !== undefined && maxSessionsPerUser === undefined)
    misconfigured('`onLimit` needs `maxSessionsPerUser`.')
  if (!('listByOwner' in store)) {
    for (const name in options)
      misconfigured(`\`${name}\` needs a store that can list a user's records, such as memoryRecords().`)
  }
  return (environment) => {
    const limited = limitedStore(store, environment.timeLimitSeconds)
    const ids = new RecordIds(environment)
    const reasons = new EndReasons(limited, environment)
    if (!('listByOwner' in limited)) return new StoredSessions(limited, ids, environment, reasons)
    const records = new UserRecords(limited, ids, environment, reasons)
    return new StoredSessions(limited, ids, environment, reasons, listed(records, options, environment))
  }
}

/** The device list and the limit on sessions. */
function listed(
  records: UserRecords,
  { maxSessionsPerUser, onLimit, keepAddress, keepUserAgent }: IndexedSessionOptions,
  { lifetime, emit }: SessionEnvironment,
): DeviceSupport<DeviceList> {
  const refuses = onLimit === 'refuse'
  const limit =
    maxSessionsPerUser === undefined ? null : new SessionLimit(records, maxSessionsPerUser, refuses, emit)
  return {
    // Always both keys, so that values kept under an earlier configuration are removed at the next login.
    keysOf: ({ request, address }) => ({
      [AUTH_ADDRESS]: keepAddress && address !== undefined ? flatCopy(address) : undefined,
      [AUTH_USER_AGENT]: keepUserAgent ? userAgentOf(request) : undefined,
    }),
    guard: limit && refuses ? (session, user) => limit.rejection(session, user) : undefined,
    afterLogin: limit ? (kept, userId) => limit.endOthers(kept, userId) : undefined,
    list: (request) => new ListedDevices({ records, lifetime, emit }, request),
  }
}

function userAgentOf({ headers }: Request): string | undefined {
  const sent = headers.get('user-agent')
  return sent === null ? undefined : flatCopy(sent.slice(0, 256))
}
