#!lua
-- The floor's commit: what a claim must write, and no more.
--
-- KEYS  rep's record, lock, stream, lead's record, pool, timers, the rep's leads, answer
-- ARGV  version expected of the rep's record (8 bytes), lock's holder, lock's ttl in ms, event, rep's record, lead's record,
--       lead, due in ms, answer, how long the answer is kept in ms
--
-- Returns  the event's id; false when the version differs or another holds the lock
-- Emits    one stream entry, field `e`
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 8) ~= ARGV[1] then return false end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return false end
local id = redis.call('XADD', KEYS[3], '*', 'e', ARGV[4])
redis.call('SET', KEYS[1], ARGV[5])
redis.call('SET', KEYS[4], ARGV[6])
redis.call('ZREM', KEYS[5], ARGV[7])
redis.call('ZADD', KEYS[6], ARGV[8], ARGV[7])
redis.call('ZADD', KEYS[7], ARGV[8], ARGV[7])
redis.call('SET', KEYS[8], ARGV[9], 'PX', ARGV[10])
return id
