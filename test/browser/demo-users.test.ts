import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient as openSqlite } from '@libsql/client'
import { createClient } from '@redis/client'
import { libsql, mysql2, pg } from 'latchkey/sql'
import mysql from 'mysql2/promise'
import Pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Users } from '../../docs/examples/demo/users.ts'
import { redisUsers } from '../../docs/examples/demo/users-redis.ts'
import { sqlUsers } from '../../docs/examples/demo/users-sql.ts'
import { describeWith, freshName, type ServerName, URLS } from '../engines/reach.ts'
import { forget } from './leftovers.ts'

interface Opened {
  readonly users: Users
  close(): unknown
}

/** The same promises, whatever keeps the users. */
function keepsUsers(open: () => Promise<Opened>, server?: ServerName): void {
  const emails: string[] = []
  let opened: Opened
  let users: Users

  beforeAll(async () => {
    opened = await open()
    users = opened.users
  })
  afterAll(async () => {
    await opened?.close()
    if (server) await forget(server, emails)
  })

  const fresh = (name = 'demo') => {
    const email = `${name}-${randomUUID()}@example.com`
    emails.push(email)
    return { email, displayName: 'Zoë 🗝', hashedPassword: 'hash 1' }
  }
  async function added() {
    const user = await users.add(fresh())
    if (!user) throw new Error('a fresh address was taken')
    return user
  }

  it('finds a user by id, and by the address in any spelling', async () => {
    const user = await added()
    expect(user).toMatchObject({ displayName: 'Zoë 🗝', hashedPassword: 'hash 1', disabled: false })
    expect(await users.findById(user.id)).toEqual(user)
    expect(await users.findByUsername(` ${user.email.toUpperCase()} `)).toEqual(user)
    expect(await users.findByUsername('demo-nobody@example.com')).toBeNull()
    expect(await users.findById(randomUUID())).toBeNull()
    expect(await users.isEmpty()).toBe(false)
  })

  it('keeps who is disabled', async () => {
    const user = await users.add({ ...fresh(), disabled: true })
    expect((await users.findById(user?.id ?? ''))?.disabled).toBe(true)
  })

  it('gives an address once', async () => {
    const one = fresh()
    const got = await Promise.all([1, 2, 3, 4].map((n) => users.add({ ...one, displayName: `number ${n}` })))
    const winners = got.filter((user) => user !== null)
    expect(winners).toHaveLength(1)
    expect(await users.findByUsername(one.email)).toEqual(winners[0])
  })

  it('knows e from é', async () => {
    const plain = fresh('rene')
    const accented = { ...plain, email: plain.email.replace('rene', 'rené') }
    emails.push(accented.email)
    expect(await users.add(plain)).not.toBeNull()
    expect(await users.findByUsername(accented.email)).toBeNull()
    expect(await users.add(accented)).not.toBeNull()
  })

  it('lets one of two changes of a password win', async () => {
    const user = await added()
    const got = await Promise.all(['hash 2', 'hash 3'].map((hash) => users.changePassword(user, hash)))
    const winners = got.filter((changed) => changed !== null)
    expect(winners).toHaveLength(1)
    expect(await users.findById(user.id)).toEqual(winners[0])
  })

  it('upgrades a hash, and never one that was changed meanwhile', async () => {
    const user = await added()
    await users.upgradeHash?.(user, { from: 'hash 1', to: 'hash 1, stronger' })
    await users.upgradeHash?.(user, { from: 'hash 1', to: 'stale' })
    expect((await users.findById(user.id))?.hashedPassword).toBe('hash 1, stronger')
  })
}

describe('the demo’s users', () => {
  describe('SQLite', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    keepsUsers(async () => {
      const client = openSqlite({ url: `file:${join(folder, 'users.db')}` })
      return { users: await sqlUsers(libsql(client), 'users'), close: () => client.close() }
    })
  })

  describeWith(['postgres'], 'PostgreSQL', () => {
    keepsUsers(async () => {
      const pool = new Pg.Pool({ connectionString: URLS.postgres })
      return { users: await sqlUsers(pg(pool), 'demo_users'), close: () => pool.end() }
    }, 'postgres')

    it('makes its table once, however many processes start at once', async () => {
      const place = freshName('demo')
      const connections = Array.from(
        { length: 8 },
        () => new Pg.Client({ connectionString: URLS.postgres, options: `-c search_path=${place}` }),
      )
      const [first] = await Promise.all(connections.map((client) => client.connect().then(() => client)))
      await first?.query(`CREATE SCHEMA ${place}`)
      try {
        await Promise.all(connections.map((client) => sqlUsers(pg(client), 'demo_users')))
      } finally {
        await first?.query(`DROP SCHEMA ${place} CASCADE`)
        await Promise.all(connections.map((client) => client.end()))
      }
    })
  })

  describeWith(['mysql'], 'MySQL or MariaDB', () => {
    keepsUsers(async () => {
      const pool = mysql.createPool(URLS.mysql)
      return { users: await sqlUsers(mysql2(pool), 'demo_users'), close: () => pool.end() }
    }, 'mysql')
  })

  describeWith(['redis'], 'Redis', () => {
    keepsUsers(async () => {
      const client = createClient({ url: URLS.redis })
      await client.connect()
      return { users: redisUsers(client), close: () => client.destroy() }
    }, 'redis')
  })
})
