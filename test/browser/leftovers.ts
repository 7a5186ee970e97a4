import { createClient } from '@redis/client'
import { createAuth, type IndexedRecordStore, memoryUsers, storedSessions } from 'latchkey'
import { scrypt } from 'latchkey/password'
import { redisRecords } from 'latchkey/redis'
import { createSchema, mysql2, pg, type SqlClient, sqlRecords } from 'latchkey/sql'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import { type ServerName, URLS } from '../engines/urls.ts'

/** Removes users that a test has signed up, and whatever sessions of theirs it has not ended. */
export function forget(server: ServerName, emails: readonly string[]): Promise<void> {
  return FORGET[server](emails)
}

const FORGET: Record<ServerName, (emails: readonly string[]) => Promise<void>> = {
  async redis(emails) {
    const client = createClient({ url: URLS.redis })
    await client.connect()
    for (const email of emails) {
      const id = await client.hGet('latchkey-demo:emails', email)
      if (id === null) continue
      await endSessions(redisRecords(client), id)
      await client.del(`latchkey-demo:user:${id}`)
      await client.hDel('latchkey-demo:emails', email)
    }
    client.destroy()
  },
  async postgres(emails) {
    const pool = new Pg.Pool({ connectionString: URLS.postgres })
    await forgetRows(pg(pool), '$1', emails)
    await pool.end()
  },
  async mysql(emails) {
    const pool = mysql.createPool(URLS.mysql)
    await forgetRows(mysql2(pool), '?', emails)
    await pool.end()
  },
}

async function forgetRows(client: SqlClient, parameter: string, emails: readonly string[]): Promise<void> {
  // Whoever only tried the users has made no table of sessions.
  await createSchema(client)
  for (const email of emails) {
    const { rows } = await client.run(`SELECT id FROM demo_users WHERE email = ${parameter}`, [email])
    if (rows[0]) await endSessions(sqlRecords(client), String(rows[0].id))
    await client.run(`DELETE FROM demo_users WHERE email = ${parameter}`, [email])
  }
}

/** As an administrator does. */
async function endSessions(records: IndexedRecordStore, userId: string): Promise<void> {
  const auth = createAuth({
    secret: 'of no use here: nothing is sealed, nobody logs in',
    users: memoryUsers([]),
    passwords: scrypt(),
    sessions: storedSessions(records),
  })
  const visit = await auth.open(new Request('http://localhost/'))
  if (!(visit instanceof Response)) await visit.auth.devices.of(userId).revokeAll()
}
