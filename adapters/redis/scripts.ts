import type { Script } from './commands.ts'

/*
 * A session is one hash. `meta`: when it expires, was renewed and was created, when its entry in the owner's
 * index expires (or 0), and its owner, if any. `data`: its initial data. With a dot as prefix, one field per
 * key that has changed since, empty for a removed key. `replacedBy`. So parallel writers lose nothing, and a
 * session that has not changed since the login is read as fast as one string.
 * An owner's index is one sorted set: ids, scored by the time at which their entry expires.
 * ARGV[1] is always the store's time: the server's clock only decides when to collect.
 */

/** Defines `lives`: whether the hash exists and has not expired. */
const LIVES = `local meta = redis.call('HGET', KEYS[1], 'meta')
local ends, renewed, created, indexed, owner = string.match(meta or '', '^(%S+) (%S+) (%S+) (%S+) ?(.*)$')
local lives = ends and (tonumber(ends) or 0) > tonumber(ARGV[1])
`

/*
 * The first write of a script decides: a server that is out of memory rejects a script at its first write, if
 * that write needs memory.
 */

/** Takes: now, milliseconds to live, then fields and values. Returns 1, or 0 if a live record exists. */
export const CREATE: Script = {
  lua: `${LIVES}if lives then return 0 end
if meta then redis.call('DEL', KEYS[1]) end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`,
}

/**
 * Takes: now, milliseconds to live, its new expiry, when it was renewed, when its entry in the owner's index
 * expires (0: as before), then changed fields and values. Returns 0 and nothing if there is no record to
 * update. If the session would outlive its index entry, it changes nothing and returns 2 and the owner.
 * Otherwise 1, and once a minute the owner.
 */
export const UPDATE: Script = {
  lua: `${LIVES}if not lives or redis.call('HEXISTS', KEYS[1], 'replacedBy') == 1 then return {0, ''} end
if ARGV[5] ~= '0' then indexed = ARGV[5]
elseif owner ~= '' and (tonumber(indexed) or 0) < tonumber(ARGV[3]) then return {2, owner} end
meta = table.concat({ARGV[3], ARGV[4], created, indexed}, ' ')
if owner ~= '' then meta = meta .. ' ' .. owner end
redis.call('HSET', KEYS[1], 'meta', meta)
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, math.floor((tonumber(renewed) or 0) / 60000) < math.floor(ARGV[4] / 60000) and owner or ''}`,
}

/**
 * Takes: now, milliseconds to live, its new expiry, what replaces it. Returns the hash with its mark, or
 * nothing.
 */
export const SUPERSEDE: Script = {
  lua: `${LIVES}if not lives or redis.call('HEXISTS', KEYS[1], 'replacedBy') == 1 then return false end
redis.call('HSET', KEYS[1], 'meta', ARGV[3] .. string.sub(meta, #ends + 1), 'replacedBy', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HGETALL', KEYS[1])`,
}

/**
 * Takes: now, 1 for "only without data", the required owner (empty: any). Returns the hash as it was, or
 * nothing.
 */
export const DELETE: Script = {
  lua: `${LIVES}if not lives then return false end
if ARGV[3] ~= '' and owner ~= ARGV[3] then return false end
local was = redis.call('HGETALL', KEYS[1])
if ARGV[2] == '1' then
  local has = cjson.decode(redis.call('HGET', KEYS[1], 'data'))
  for i = 1, #was, 2 do
    if string.sub(was[i], 1, 1) == '.' then has[string.sub(was[i], 2)] = was[i + 1] ~= '' or nil end
  end
  if next(has) then return false end
end
redis.call('DEL', KEYS[1])
return was`,
}

/**
 * Takes: now, id, expiry of the entry. Also removes expired entries; the set itself expires with the last
 * one.
 */
export const INDEX_ADD: Script = {
  lua: `redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], math.ceil(math.min(tonumber(last[2]) - tonumber(ARGV[1]), 1e12)))`,
}

/** Takes: now. Returns the ids. */
export const INDEX_LIST: Script = {
  lua: `redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)`,
}

/** Takes: now, then ids. */
export const INDEX_REMOVE: Script = {
  lua: "for i = 2, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end",
}
