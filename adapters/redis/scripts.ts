import type { Script } from './commands.ts'

/*
 * A session is one hash. `meta`: until when it is kept, when it expires, was renewed and was created, when its
 * entry in the owner's index expires (or 0), and its owner, if any. `data`: its initial data. With a dot as
 * prefix, one field per key that has changed since, empty for a removed key. `mark`: its mark, if any. So
 * parallel writers lose nothing, and a session that has not changed since the login is read as fast as one
 * string.
 * An owner's index is one sorted set: ids, scored by the time at which their entry expires.
 * ARGV[1] is always the store's time: the server's clock only decides when to collect.
 */

/** Defines `lives`: whether the hash exists and is still kept. */
const LIVES = `local meta = redis.call('HGET', KEYS[1], 'meta')
local kept, times, indexed, owner = string.match(meta or '', '^(%S+) (%S+ %S+ %S+) (%S+) ?(.*)$')
local lives = kept and (tonumber(kept) or 0) > tonumber(ARGV[1])
`

/** Defines `is_marked`. */
const IS_MARKED = `local is_marked = redis.call('HEXISTS', KEYS[1], 'mark') == 1
`

/**
 * Returns `answer` if the record would be kept longer than its entry in the owner's index. ARGV[3]: until when it
 * will be kept. ARGV[4]: when the entry expires from now on, or 0 for "as before".
 */
const unlessIndexed = (answer: string): string => `if ARGV[4] ~= '0' then indexed = ARGV[4]
elseif owner ~= '' and (tonumber(indexed) or 0) < tonumber(ARGV[3]) then return ${answer} end
`

/** Defines `joined`, which makes a new `meta`. */
const JOINED = `local function joined(kept, times)
  local meta = table.concat({kept, times, indexed}, ' ')
  return owner == '' and meta or meta .. ' ' .. owner
end
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
 * Takes: now, milliseconds to live, until when it is kept, when its entry in the owner's index expires (0: as
 * before), when it expires, when it was renewed, then changed fields and values. Returns 0 and nothing if
 * there is no record to update. If the record would outlive its index entry, it changes nothing and returns 2
 * and the owner. Otherwise 1, and once a minute the owner.
 */
export const UPDATE: Script = {
  lua: `${LIVES}${IS_MARKED}${JOINED}if not lives or is_marked then return {0, ''} end
${unlessIndexed('{2, owner}')}local renewed, created = string.match(times, '^%S+ (%S+) (%S+)$')
redis.call('HSET', KEYS[1], 'meta', joined(ARGV[3], table.concat({ARGV[5], ARGV[6], created}, ' ')))
for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, math.floor((tonumber(renewed) or 0) / 60000) < math.floor(ARGV[6] / 60000) and owner or ''}`,
}

/**
 * Takes: now, milliseconds to live, until when it is kept, when its entry in the owner's index expires (0: as
 * before), its mark. Empties the data. Returns the hash as it was before, or nothing. If the record would
 * outlive its index entry, it changes nothing and returns the owner alone.
 */
export const SUPERSEDE: Script = {
  lua: `${LIVES}${IS_MARKED}${JOINED}if not lives or is_marked then return false end
${unlessIndexed('{owner}')}local was = redis.call('HGETALL', KEYS[1])
redis.call('HSET', KEYS[1], 'meta', joined(ARGV[3], times), 'data', '{}', 'mark', ARGV[5])
for i = 1, #was, 2 do
  if string.sub(was[i], 1, 1) == '.' then redis.call('HDEL', KEYS[1], was[i]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return was`,
}

/**
 * Takes: now, 1 for "only without data and mark", the required owner (empty: any). Returns the hash as it was,
 * or nothing.
 */
export const DELETE: Script = {
  lua: `${LIVES}${IS_MARKED}if not lives then return false end
if ARGV[3] ~= '' and owner ~= ARGV[3] then return false end
local was = redis.call('HGETALL', KEYS[1])
if ARGV[2] == '1' then
  if is_marked then return false end
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
