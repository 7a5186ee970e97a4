import { drizzle } from 'drizzle-orm/node-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import { pg } from 'latchkey/sql'
import Pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { describeWith, freshName, URLS } from './reach.ts'
import { makeUsers, testThatThePageShows, userSentences } from './user-sentences.ts'
import { drizzleUsers } from './users-drizzle.ts'
import { kyselyUsers } from './users-kysely.ts'

const RECIPES = [
  [
    'Kysely',
    'engines/users-kysely.ts',
    (pool: Pg.Pool) => kyselyUsers(new Kysely({ dialect: new PostgresDialect({ pool }) })),
  ],
  ['Drizzle', 'engines/users-drizzle.ts', (pool: Pg.Pool) => drizzleUsers(drizzle({ client: pool }))],
] as const

for (const [name, file, make] of RECIPES) {
  describeWith(['postgres'], `users through ${name}, by the recipe`, () => {
    const schema = freshName('users')
    // The recipe says `users`: which of them is a matter of the connection.
    const pool = new Pg.Pool({ connectionString: URLS.postgres, options: `-c search_path=${schema}` })

    beforeAll(async () => {
      await pool.query(`CREATE SCHEMA ${schema}`)
      await makeUsers(pg(pool), 'users')
    })
    afterAll(async () => {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`)
      await pool.end()
    })

    userSentences(
      () => make(pool),
      async () => (await pool.query('SELECT * FROM users')).rows,
    )
    testThatThePageShows(file)
  })
}
