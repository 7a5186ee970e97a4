import {
  type DeviceList,
  type EventualRecordStore,
  eventuallyConsistentSessions,
  type IndexedRecordStore,
  type RecordStore,
  type SessionStrategy,
  storedSessions,
} from 'latchkey'
import type { Counters } from './counters.ts'
import type { Engine } from './engines/engine.ts'
import type { Faults } from './faults.ts'

type Call = <T>(name: string, isWrite: boolean, work: () => T) => T | Promise<Awaited<T>>

/** Sessions over an engine, counted and breakable. */
export function sessionsOver(
  { records }: Engine,
  counters: Counters,
  faults: Faults,
): SessionStrategy<DeviceList | undefined> {
  const call = watch(counters, faults)
  return 'consistency' in records
    ? eventuallyConsistentSessions(watchedEventual(records, call))
    : storedSessions(watched(records, call))
}

/** A revocation list over an engine, counted and breakable. */
export function revocationOver({ records }: Engine, counters: Counters, faults: Faults): RecordStore {
  if ('consistency' in records) throw new Error('a revocation list must be consistent')
  return watched(records, watch(counters, faults))
}

function watch(counters: Counters, faults: Faults): Call {
  return (name, isWrite, work) => {
    counters.add(name)
    return faults.pass('store', isWrite, work)
  }
}

function watched(inner: IndexedRecordStore, call: Call): IndexedRecordStore {
  return {
    read: (id) => call('storeRead', false, () => inner.read(id)),
    create: (id, record) => call('storeCreate', true, () => inner.create(id, record)),
    update: (id, patch, times) => call('storeUpdate', true, () => inner.update(id, patch, times)),
    supersede: (id, ...rest) => call('storeUpdate', true, () => inner.supersede(id, ...rest)),
    delete: (id, condition) => call('storeDelete', true, () => inner.delete(id, condition)),
    listByOwner: (owner) => call('storeRead', false, () => inner.listByOwner(owner)),
    deleteByOwner: (owner) => call('storeDelete', true, () => inner.deleteByOwner(owner)),
  }
}

function watchedEventual(inner: EventualRecordStore, call: Call): EventualRecordStore {
  return {
    consistency: 'eventual',
    read: (id) => call('storeRead', false, () => inner.read(id)),
    put: (id, record) => call('storeUpdate', true, () => inner.put(id, record)),
    delete: (id) => call('storeDelete', true, () => inner.delete(id)),
  }
}
