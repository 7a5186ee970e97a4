import type { Script } from './commands.ts'

/*
 * A session is one hash. `meta`: its end, when it was renewed, when it was created, the end of its entry in its owner's
 * index (or 0) and its owner, if any; `data`: its data as it was at first; under a dot, one field per key that has
 * changed since, empty when the key is gone; `replacedBy`. So parallel writers lose nothing, and a session that
 * nobody has changed since the login is read as fast as one string.
 * An owner's index is one sorted set: ids, by the time until which they are in it.
 * ARGV[1] is always the store's time: the server's clock only collects.
 */

/** Whether the hash is there and has not ended. */
const LIVES = `local meta = redis.call('HGET', KEYS[1], 'meta')
local ends, renewed, created, indexed, owner = string.match(meta or '', '^(%S+) (%S+) (%S+) (%S+) ?(.*)$')
local lives = ends and (tonumber(ends) or 0) > tonumber(ARGV[1])
`

/*
 * What writes first decides: a server that is out of memory refuses a script at its first write, if that is one that
 * needs memory.
 */

/** now, milliseconds to live, then fields and values. 1, or 0 when a live record is there. */
export const CREATE: Script = {
  lua: `${LIVES}if lives then return 0 end
if meta then redis.call('DEL', KEYS[1]) end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`,
}

/**
 * now, milliseconds to live, its new end, when it was renewed, until when its owner's index has it (0: as before), then
 * changed fields and values. 0 and nothing when there is nothing to update. Where the session would outlive its entry in
 * the index it is left as it is: 2 and the owner. Otherwise 1, and once a minute the owner.
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

/** now, milliseconds to live, its new end, what carries it on. The hash with its mark, or nothing. */
export const SUPERSEDE: Script = {
  lua: `${LIVES}if not lives or redis.call('HEXISTS', KEYS[1], 'replacedBy') == 1 then return false end
redis.call('HSET', KEYS[1], 'meta', ARGV[3] .. string.sub(meta, #ends + 1), 'replacedBy', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HGETALL', KEYS[1])`,
}

/** now, whether only without data, whose it must be (or anybody's). The hash as it was, or nothing. */
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

/** now, id, until when. Entries whose time is over go at the same time; the set itself goes with the last. */
export const INDEX_ADD: Script = {
  lua: `redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], math.ceil(math.min(tonumber(last[2]) - tonumber(ARGV[1]), 1e12)))`,
}

/** now. The ids. */
export const INDEX_LIST: Script = {
  lua: `redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)`,
}

/** now, then ids. */
export const INDEX_REMOVE: Script = {
  lua: "for i = 2, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end",
}
