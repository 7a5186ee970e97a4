export { type DurableObjectLimiterOptions, durableObjectLimiter } from './durable-object-limiter.ts'
export {
  type DurableObjectRecordOptions,
  type DurableObjectRecords,
  durableObjectRecords,
} from './durable-object-records.ts'
export { type KvNamespaceLike, type KvRecordOptions, kvRecords } from './kv-records.ts'
export type { DurableObjectStateLike } from './object-state.ts'
export { SessionObject } from './session-object.ts'
export type { DurableObjectNamespaceLike } from './tell.ts'
