import type { Script } from './commands.ts'

/*
 * A session is one hash: `createdAt`, `renewedAt`, `expiresAt`, `owner`, `supersededBy`, `indexedUntil`, and one field
 * per key of its data, under a dot. An owner's index is one sorted set: ids, by the time until which they are in it.
 * ARGV[1] is always the store's time: the server's clock only collects.
 */

/** Whether the hash is there and has not ended. */
const LIVES = `local ends = redis.call('HGET', KEYS[1], 'expiresAt')
local lives = ends and (tonumber(ends) or 0) > tonumber(ARGV[1])
`

/*
 * What writes first decides: a server that is out of memory refuses a script at its first write, if that is one that
 * needs memory.
 */

/** now, milliseconds to live, then fields and values. 1, or 0 when a live record is there. */
export const CREATE: Script = {
  lua: `${LIVES}if lives then return 0 end
if ends then redis.call('DEL', KEYS[1]) end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`,
}

/**
 * now, milliseconds to live, its new end, until when its owner's index has it (0: as before), how many fields to
 * remove, these, then fields and values. 1 and nothing, or 0 and nothing when there is nothing to update. Where the
 * session would outlive its entry in the index it is left as it is: 2 and the owner.
 */
export const UPDATE: Script = {
  lua: `${LIVES}if not lives or redis.call('HEXISTS', KEYS[1], 'supersededBy') == 1 then return {0, ''} end
local kept = redis.call('HMGET', KEYS[1], 'owner', 'indexedUntil')
if ARGV[4] ~= '0' then redis.call('HSET', KEYS[1], 'indexedUntil', ARGV[4])
elseif kept[1] and tonumber(kept[2] or 0) < tonumber(ARGV[3]) then return {2, kept[1]} end
local removed = tonumber(ARGV[5])
for i = 6 + removed, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = 6, 5 + removed do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, ''}`,
}

/** now, milliseconds to live, its new end, what carries it on. The hash with its mark, or nothing. */
export const SUPERSEDE: Script = {
  lua: `${LIVES}if not lives or redis.call('HEXISTS', KEYS[1], 'supersededBy') == 1 then return false end
redis.call('HSET', KEYS[1], 'expiresAt', ARGV[3], 'supersededBy', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HGETALL', KEYS[1])`,
}

/** now, whether only without data, whose it must be (or anybody's). The hash as it was, or nothing. */
export const DELETE: Script = {
  lua: `${LIVES}if not lives then return false end
if ARGV[3] ~= '' and redis.call('HGET', KEYS[1], 'owner') ~= ARGV[3] then return false end
local was = redis.call('HGETALL', KEYS[1])
if ARGV[2] == '1' then
  for i = 1, #was, 2 do if string.sub(was[i], 1, 1) == '.' then return false end end
end
redis.call('DEL', KEYS[1])
return was`,
}

/** now, id, until when. Entries whose time is over go at the same time; the set itself goes with the last. */
export const INDEX_ADD: Script = {
  lua: `redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], math.ceil(math.min(tonumber(last[2]) - tonumber(ARGV[1]), 1e12)))
return 1`,
}

/** now. The ids. */
export const INDEX_LIST: Script = {
  lua: `redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)`,
}

/** now, then ids. */
export const INDEX_REMOVE: Script = {
  lua: `for i = 2, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
return 1`,
}
