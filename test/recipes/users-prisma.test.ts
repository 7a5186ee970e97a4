import { PrismaPg } from '@prisma/adapter-pg'
import { pg } from 'latchkey/sql'
import Pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, freshName, URLS } from '../engines/reach.ts'
import { makeUsers, testThatThePageShows, userSentences } from '../engines/user-sentences.ts'
import { PrismaClient } from './generated/client.ts'
import { prismaUsers } from './users-prisma.ts'

describeWith(['postgres'], 'users through Prisma, by the recipe', () => {
  const schema = freshName('prisma')
  const pool = new Pg.Pool({ connectionString: URLS.postgres })
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: URLS.postgres }, { schema }),
  })

  beforeAll(async () => {
    await pool.query(`CREATE SCHEMA ${schema}`)
    await makeUsers(pg(pool), `${schema}.users`)
  })
  afterAll(async () => {
    await prisma.$disconnect()
    await pool.query(`DROP SCHEMA ${schema} CASCADE`)
    await pool.end()
  })

  userSentences(
    () => prismaUsers(prisma),
    async () => (await pool.query(`SELECT * FROM ${schema}.users`)).rows,
  )
  testThatThePageShows('recipes/users-prisma.ts')

  test('finds nobody by an id of another type', async () => {
    expect(await prismaUsers(prisma).findById(42 as never)).toBeNull()
  })
})
