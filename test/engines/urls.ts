const databaseUrl = (scheme: RegExp): string | undefined =>
  scheme.test(process.env.DATABASE_URL ?? '') ? process.env.DATABASE_URL : undefined

/** Where the engines are: their usual environment variables, or their standard local ports. */
export const URLS = {
  redis: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  postgres:
    process.env.POSTGRES_URL ?? databaseUrl(/^postgres(ql)?:/) ?? 'postgres://postgres@127.0.0.1:5432/test',
  mysql: process.env.MYSQL_URL ?? databaseUrl(/^mysql:/) ?? 'mysql://root@127.0.0.1:3306/test',
} as const

export type ServerName = keyof typeof URLS
