import { checkCount, misconfigured, refuseUnknown } from '../../base/options.ts'
import type { DeviceList } from '../devices/device-list.ts'
import { type IndexedSessionOptions, IndexedSessions } from '../devices/indexed-sessions.ts'
import { checkStore, type IndexedRecordStore, type RecordStore } from '../record-store.ts'
import type { SessionKind, SessionStrategy } from '../session-kind.ts'
import { StoredSessions } from './stored-sessions.ts'

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
  if ('listByOwner' in store) return (environment) => new IndexedSessions(store, options, environment)
  for (const name in options)
    misconfigured(`\`${name}\` needs a store that can list a user's records, such as memoryRecords().`)
  return (environment) => new StoredSessions(store, environment) as SessionKind<undefined>
}
