import { PrismaPg } from '@prisma/adapter-pg'
import { createSchema, sqlRecords, sqlUsers } from 'latchkey/sql'
import {
  recordIndexContract,
  recordPruneContract,
  recordStoreContract,
  type TestClock,
} from 'latchkey/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith, freshName, URLS } from '../engines/reach.ts'
import { PrismaClient } from './generated/client.ts'
import { prismaClient } from './prisma.ts'

describeWith(['postgres'], 'sqlRecords through Prisma, by the recipe', () => {
  const table = freshName('prisma')
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: URLS.postgres }) })
  const client = prismaClient(prisma)

  beforeAll(() => createSchema(client, { table }))
  afterAll(async () => {
    await client.run(`DROP TABLE ${table}`, [])
    await prisma.$disconnect()
  })

  const make = async ({ now }: TestClock) => {
    await client.run(`DELETE FROM ${table}`, [])
    return sqlRecords(client, { table, now })
  }
  const cases = [recordStoreContract(make), recordIndexContract(make), recordPruneContract(make)]
  for (const { name, run } of cases.flat()) test(name, run)

  test.each([
    ['UUID', '0b2f5f2a-7c1e-4a55-9c7e-1d2f3a4b5c6d'],
    ['BIGINT', '9007199254740993'],
  ])('users with ids of type %s are found, and a value of no such type is no user', async (type, id) => {
    const users = freshName('prisma_users')
    const columns = `id ${type} PRIMARY KEY, username TEXT UNIQUE, hashed_password BYTEA`
    await client.run(`CREATE TABLE ${users} (${columns})`, [])
    await client.run(`INSERT INTO ${users} VALUES ('${id}', 'ada', 'hash')`, [])
    const { findByUsername, findById } = sqlUsers(client, { table: users, idType: 'string' })
    expect(await findByUsername('ada')).toEqual({ id, hashedPassword: 'hash' })
    expect(await findById(id)).toEqual({ id, hashedPassword: 'hash' })
    expect(await findById('abc')).toBeNull()
    await client.run(`DROP TABLE ${users}`, [])
  })
})
