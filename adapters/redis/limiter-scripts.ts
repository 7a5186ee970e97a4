/*
 * A key of the limiter is one hash: a field per source, prefixed with `s`, and `t` for all. A value is a count: failed
 * attempts, attempts under way, when the last one was reserved, when the window is over.
 * ARGV[1] is always the limiter's time, ARGV[2] after how many milliseconds attempts under way no longer count.
 * Texts without a gap, so that an app without a limiter does not carry them.
 */

/** Defines `count`, which reads a field, and `put`, which writes one that is not empty and removes one that is. */
export const COUNTS = `local now = tonumber(ARGV[1])
local function count(field)
  local failed, pending, begun, ends =
    string.match(redis.call('HGET', KEYS[1], field) or '', '^(%d+) (%d+) (%d+) (%d+)$')
  if not failed or tonumber(ends) <= now then return nil end
  if now - begun >= tonumber(ARGV[2]) then pending = 0 end
  return { failed = tonumber(failed), pending = tonumber(pending), begun = tonumber(begun), ends = tonumber(ends) }
end
local function put(field, c)
  if c.failed + c.pending == 0 then return redis.call('HDEL', KEYS[1], field) end
  redis.call('HSET', KEYS[1], field, string.format('%.0f %.0f %.0f %.0f', c.failed, c.pending, c.begun, c.ends))
end
`

/**
 * Takes: now, pending time, field of the source, its limit, the limit in all (empty: none), the window in milliseconds,
 * how many sources a key keeps. Returns 0 if the attempt is admitted, the milliseconds to wait, or -1 if only attempts
 * under way stand against it.
 */
export const RESERVE = `local field, window = ARGV[3], tonumber(ARGV[6])
local function refusal(c, limit)
  if not c or c.failed + c.pending < limit then return 0 end
  return c.failed < limit and -1 or c.ends - now
end
local function is_kept()
  if redis.call('HEXISTS', KEYS[1], field) == 1 then return true end
  local has_room = function()
    return redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], 't') < tonumber(ARGV[7])
  end
  if has_room() then return true end
  for _, other in ipairs(redis.call('HKEYS', KEYS[1])) do
    if other ~= 't' and not count(other) then redis.call('HDEL', KEYS[1], other) end
  end
  return has_room()
end
local kept, total = is_kept(), tonumber(ARGV[5])
if not kept and not total then return window end
local own, all = count(field), total and count('t')
local by_own, by_all = refusal(own, tonumber(ARGV[4])), total and refusal(all, total) or 0
local wait = math.max(by_own, by_all)
if wait > 0 then return wait end
if by_own < 0 or by_all < 0 then return -1 end
local function add(name, c)
  c = c or { failed = 0, pending = 0, ends = now + window }
  c.pending, c.begun = c.pending + 1, now
  put(name, c)
end
if kept then add(field, own) end
if total then add('t', all) end
if redis.call('PTTL', KEYS[1]) < window then redis.call('PEXPIRE', KEYS[1], window) end
return 0`

/** Takes: now, pending time, field of the source, how it ended, 1 if it counts in all as well. */
export const SETTLE = `local function settle(field, as)
  local c = count(field)
  if not c then return redis.call('HDEL', KEYS[1], field) end
  if as == 'success' then c.failed = 0 elseif as == 'failure' then c.failed = c.failed + 1 end
  c.pending = math.max(0, c.pending - 1)
  put(field, c)
end
settle(ARGV[3], ARGV[4])
if ARGV[5] == '1' then settle('t', ARGV[4] == 'success' and 'nothing' or ARGV[4]) end`

/** Takes nothing but those two. */
export const FORGET = "redis.call('DEL', KEYS[1])"
