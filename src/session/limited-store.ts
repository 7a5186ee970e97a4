import { withTimeLimit } from '../base/backend.ts'
import type { IndexedRecordStore, RecordStore } from './record-store.ts'

/** What every record store has. */
export const RECORD_METHODS = ['read', 'create', 'update', 'supersede', 'delete'] as const
const METHODS = [...RECORD_METHODS, 'listByOwner', 'deleteByOwner'] as const

/** The store with a time limit on each call. What it cannot do is missing here too. */
export function limitedStore<Store extends RecordStore>(store: Store, timeLimitSeconds: number): Store {
  return withTimeLimit(
    'record store',
    timeLimitSeconds,
    store as RecordStore as IndexedRecordStore,
    METHODS,
  ) as Store & IndexedRecordStore
}
