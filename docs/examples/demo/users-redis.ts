import { randomUUID } from 'node:crypto'
import { normalizeEmail, type User, type Users } from './users.ts'

const PREFIX = 'latchkey-demo:'
/** One hash of all addresses: e-mail address to id. */
const EMAILS = `${PREFIX}emails`
/** One hash per user. */
const keyOf = (id: string): string => `${PREFIX}user:${id}`

/** Only where the old hash is still the stored one: of two changes at once, one wins and the other is told. */
const REPLACE_HASH = `if redis.call('HGET', KEYS[1], 'hashedPassword') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'hashedPassword', ARGV[2])
return 1`

/** What is used of the client, whose own type depends on how it was configured. */
interface Redis {
  hGet(key: string, field: string): Promise<string | null>
  hGetAll(key: string): Promise<Record<string, string>>
  hLen(key: string): Promise<number>
  hSet(key: string, fields: Record<string, string>): Promise<number>
  hSetNX(key: string, field: string, value: string): Promise<number>
  del(key: string): Promise<number>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** Users in Redis. */
export function redisUsers(client: Redis): Users {
  const findById = async (id: string): Promise<User | null> => toUser(id, await client.hGetAll(keyOf(id)))

  const replaceHash = async (id: string, { from, to }: { from: string; to: string }): Promise<boolean> =>
    (await client.eval(REPLACE_HASH, { keys: [keyOf(id)], arguments: [from, to] })) === 1

  return {
    findById,
    async findByUsername(email) {
      const id = await client.hGet(EMAILS, normalizeEmail(email))
      return id === null ? null : findById(id)
    },
    async upgradeHash(user, change) {
      await replaceHash(user.id, change)
    },
    async changePassword(user, to) {
      const isChanged = await replaceHash(user.id, { from: user.hashedPassword, to })
      return isChanged ? { ...user, hashedPassword: to } : null
    },
    async add({ email, displayName, hashedPassword, disabled = false }) {
      const user = { id: randomUUID(), email: normalizeEmail(email), displayName, hashedPassword, disabled }
      const { id, ...fields } = user
      // The user first: an address that leads nowhere would be taken for good, a user without one is never found.
      await client.hSet(keyOf(id), { ...fields, disabled: disabled ? '1' : '0' })
      // Of two sign-ups with one address, one gets it.
      if ((await client.hSetNX(EMAILS, user.email, id)) === 1) return user
      await client.del(keyOf(id))
      return null
    },
    async isEmpty() {
      return (await client.hLen(EMAILS)) === 0
    },
  }
}

function toUser(id: string, hash: Readonly<Record<string, string>>): User | null {
  const { email, displayName, hashedPassword, disabled } = hash
  if (email === undefined || displayName === undefined || hashedPassword === undefined) return null
  return { id, email, displayName, hashedPassword, disabled: disabled === '1' }
}
