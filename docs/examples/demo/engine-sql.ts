import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createClient } from '@libsql/client'
import { sealedSessions, storedSessions } from 'latchkey'
import { createSchema, libsql, mysql2, pg, type SqlClient, sqlRecords } from 'latchkey/sql'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import type { Engine, OpenEngine } from './engine.ts'
import { sqlUsers } from './users-sql.ts'

export const openPostgres: OpenEngine = (url, onLost) => {
  const pool = new Pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000 })
  // Without a listener, Node ends the process.
  pool.on('error', onLost)
  return keptIn(pg(pool))
}

export const openMysql: OpenEngine = (url, onLost) => {
  const pool = mysql.createPool({ uri: url, connectTimeout: 5000 })
  // The pool itself listens once; a second error of one connection would end the process.
  pool.on('connection', (connection) => connection.on('error', onLost))
  return keptIn(mysql2(pool))
}

export const openFile: OpenEngine = async (url) => keptIn(libsql(sqliteFile(url.slice('file:'.length))))

/** Where no URL is given: users in a file, and sessions nowhere at all. */
export async function openUsersFile(file: string): Promise<Engine> {
  return { users: await sqlUsers(libsql(sqliteFile(file)), 'users'), sessions: sealedSessions() }
}

async function keptIn(client: SqlClient): Promise<Engine> {
  await createSchema(client)
  const records = sqlRecords(client)
  // Ended sessions are missing at once and removed here; an app that is never restarted has a job for it.
  await records.prune()
  return {
    users: await sqlUsers(client, 'demo_users'),
    sessions: storedSessions(records, { keepUserAgent: true }),
  }
}

function sqliteFile(file: string): ReturnType<typeof createClient> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return createClient({ url: `file:${file}` })
}
