export {
  type DurableObjectNamespaceLike,
  type DurableObjectRecordOptions,
  type DurableObjectRecords,
  durableObjectRecords,
} from './durable-object-records.ts'
export { type KvNamespaceLike, type KvRecordOptions, kvRecords } from './kv-records.ts'
export { type DurableObjectStateLike, SessionObject } from './session-object.ts'
