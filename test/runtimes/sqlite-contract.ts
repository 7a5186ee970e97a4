import { createSchema, type SqliteLike, sqlite, sqlRecords } from 'latchkey/sql'
import {
  type ContractCase,
  recordIndexContract,
  recordPruneContract,
  recordStoreContract,
  type TestClock,
} from 'latchkey/testing'

/** The contracts over an SQLite that a runtime has built in, a fresh one in memory for each case. */
export function sqliteCases(open: () => SqliteLike): ContractCase[] {
  const make = async ({ now }: TestClock) => {
    const client = sqlite(open())
    await createSchema(client)
    return sqlRecords(client, { now })
  }
  return [recordStoreContract(make), recordIndexContract(make), recordPruneContract(make)].flat()
}
