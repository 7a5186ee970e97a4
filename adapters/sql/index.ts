export {
  type D1Like,
  d1,
  type KyselyLike,
  kysely,
  type LibsqlLike,
  libsql,
  type Mysql2ConnectionLike,
  type Mysql2Like,
  mysql2,
  type PgClientLike,
  type PgLike,
  type PgliteLike,
  type PostgresJsClientLike,
  type PostgresJsLike,
  pg,
  pglite,
  postgresJs,
  type SqliteLike,
  sqlite,
} from './clients.ts'
export { createLimiterSchema, type LimiterSchemaOptions, limiterSchemaOf } from './limiter-schema.ts'
export { createSchema, type SchemaOptions, schemaOf } from './schema.ts'
export type { SqlClient, SqlDialect, SqlResult, SqlValue } from './sql-client.ts'
export { type SqlLimiter, type SqlLimiterOptions, sqlLimiter } from './sql-limiter.ts'
export { type SqlRecordOptions, type SqlRecords, sqlRecords } from './sql-records.ts'
export {
  type SqlUser,
  type SqlUserColumns,
  type SqlUserId,
  type SqlUserOptions,
  sqlUsers,
} from './sql-users.ts'
