export type { IoRedis, NodeRedis } from './commands.ts'
export { type RedisLimiterOptions, redisLimiter } from './redis-limiter.ts'
export { type RedisRecordOptions, type RedisRecords, redisRecords } from './redis-records.ts'
