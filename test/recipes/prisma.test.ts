import { PrismaPg } from '@prisma/adapter-pg'
import { createSchema, sqlRecords } from 'latchkey/sql'
import {
  recordIndexContract,
  recordPruneContract,
  recordStoreContract,
  type TestClock,
} from 'latchkey/testing'
import { afterAll, beforeAll, test } from 'vitest'
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
})
