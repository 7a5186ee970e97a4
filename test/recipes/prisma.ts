import type { SqlClient } from 'latchkey/sql'

/** What is used of a Prisma client. */
export interface PrismaLike {
  $queryRawUnsafe(statement: string, ...parameters: unknown[]): Promise<unknown>
  $executeRawUnsafe(statement: string, ...parameters: unknown[]): Promise<number>
}

/** Prisma as latchkey's database: `sqlRecords(prismaClient(prisma))`. */
export function prismaClient(prisma: PrismaLike): SqlClient {
  return {
    dialect: 'postgres',
    async run(statement, parameters) {
      try {
        if (!/^SELECT|\bRETURNING\b/.test(statement)) {
          return { rows: [], affected: await prisma.$executeRawUnsafe(statement, ...parameters) }
        }
        const rows = (await prisma.$queryRawUnsafe(statement, ...parameters)) as Record<string, unknown>[]
        return { rows, affected: rows.length }
      } catch (error) {
        // The database's own code says that no row can have a value, or that a deadlock is worth another try.
        const { meta } = error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } }
        const code = meta?.driverAdapterError?.cause?.originalCode
        throw code ? Object.assign(new Error('Prisma failed.', { cause: error }), { code }) : error
      }
    },
  }
}
