import { checkCount, misconfigured, refuseUnknown } from '../../base/options.ts'
import type { DeviceList } from '../devices/device-list.ts'
import { type IndexedSessionOptions, IndexedSessions } from '../devices/indexed-sessions.ts'
import { checkStore, type IndexedRecordStore, type RecordStore } from '../record-store.ts'
import type { SessionKind, Sessions } from '../session-kind.ts'
import { StoredSessions } from './stored-sessions.ts'

/**
 * Sessions whose records live in a store. Over one that can find a user's records (memory, Redis, SQL, Durable
 * Objects) there is `auth.devices`; over another there is not, and the compiler knows.
 */
export function storedSessions(
  store: IndexedRecordStore,
  options?: IndexedSessionOptions,
): Sessions<DeviceList>
export function storedSessions(store: RecordStore): Sessions<undefined>
export function storedSessions(
  store: RecordStore | IndexedRecordStore,
  options: IndexedSessionOptions = {},
): Sessions<DeviceList | undefined> {
  const { maxPerUser, whenFull, keepAddress, keepUserAgent, ...unknown } = options
  refuseUnknown(unknown)
  checkStore('storedSessions', store)
  for (const flag of [keepAddress, keepUserAgent] as unknown[]) {
    if (flag !== undefined && typeof flag !== 'boolean')
      misconfigured('`keepAddress` and `keepUserAgent` are true or false.')
  }
  if (maxPerUser !== undefined) checkCount('maxPerUser', maxPerUser)
  if (whenFull !== undefined && !['end_least_recent', 'refuse'].includes(whenFull))
    misconfigured('`whenFull` is "end_least_recent" or "refuse".')
  if (whenFull !== undefined && maxPerUser === undefined)
    misconfigured('`whenFull` needs `maxPerUser`: when is it full?')
  if ('listByOwner' in store) return (environment) => new IndexedSessions(store, options, environment)
  for (const name in options)
    misconfigured(`\`${name}\` needs a store that can find the records of a user; this one has no index.`)
  return (environment) => new StoredSessions(store, environment) as SessionKind<undefined>
}
