export type { IoRedis, NodeRedis } from './commands.ts'
export { type RedisRecordOptions, type RedisRecords, redisRecords } from './redis-records.ts'
