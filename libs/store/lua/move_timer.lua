#!lua
-- Moves a deadline to another moment, or removes it, if nobody has set it anew since it was read.
--
-- Guarantee: a deadline that was set after the reading stays as it is.
--
-- KEYS  timers
-- ARGV  member, moment it was read at in ms, new moment in ms; empty to remove it
--
-- Returns  1  moved or removed
--          0  it is gone or at another moment; nothing changed
-- Emits    nothing
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not at or tonumber(at) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == '' then redis.call('ZREM', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) end
return 1
