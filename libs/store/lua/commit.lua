#!lua
-- Commits up to 16 changes at once: all of them, or nothing.
--
-- Guarantee: everything is checked before the first write, and the first write is the event, so a change without its event
-- cannot be. Answers come before versions: who repeats a request is told its first answer, not that the world has moved.
--
-- KEYS  answer*  check*  lock*  gate*  count*  stream  put*  index*
-- ARGV  counts:  answers checks locks gates counts events puts ops, then the time answers are remembered in ms
--       answer:  value, event
--       check:   version expected, 8 bytes; empty when the record must be absent
--       lock:    holder, ttl in ms
--       count:   what to add, and the most that may be afterwards; empty without a limit
--       event:   payload
--       put:     value, event, ttl in ms; 0 to keep it
--       op:      index (its place among index*), score in ms or empty to remove, member
--
-- The first locks have a gate each: when such a lock is free, who waits in its gate goes first. They are looked at before
-- the versions: who is not to work now must be told that, not that its records are old, which they are as long as another works.
--
-- Where an answer or a put names an event (its place among events, 0 for none), that event's id is appended to the value
-- as protobuf field 15: only here is it known.
--
-- Returns  {'done', event id ...}                     applied
--          {'answered', place, value, ...}            these requests have an answer already; nothing applied
--          {'stale', value or false ...}              every checked record as it is now; nothing applied
--          {'full'}                                   a count would go past its limit; nothing applied
--          {'locked', ttl in ms}                      another holds a lock; nothing applied
-- Emits    one stream entry an event, field `e`
local counts = {}
for i = 1, 8 do counts[i] = tonumber(ARGV[i]) end
local answers, checks, locks, gates, adds, events, puts, ops = unpack(counts)
local check0, lock0 = answers, answers + checks
local gate0 = lock0 + locks
local count0, put0 = gate0 + gates, gate0 + gates + adds + 1
local stream = KEYS[put0]
local index0 = put0 + puts
local answer_arg, check_arg = 9, 9 + 2 * answers
local lock_arg = check_arg + checks
local count_arg = lock_arg + 2 * locks
local event_arg = count_arg + 2 * adds
local put_arg = event_arg + events
local op_arg = put_arg + 3 * puts

if answers > 0 then
  local held = redis.call('MGET', unpack(KEYS, 1, answers))
  local found = {'answered'}
  for i = 1, answers do
    if held[i] then
      found[#found + 1] = i
      found[#found + 1] = held[i]
    end
  end
  if #found > 1 then return found end
end
local function taken_by_another(from, to)
  for i = from, to do
    local lock = KEYS[lock0 + i]
    local holder = redis.call('GET', lock)
    if not holder and i <= gates then
      lock = KEYS[gate0 + i]
      holder = redis.call('GET', lock)
    end
    if holder and holder ~= ARGV[lock_arg + 2 * i - 1] then return {'locked', redis.call('PTTL', lock)} end
  end
end
local taken = taken_by_another(1, gates)
if taken then return taken end
if checks > 0 then
  local held = redis.call('MGET', unpack(KEYS, check0 + 1, check0 + checks))
  for i = 1, checks do
    if (held[i] and string.sub(held[i], 1, 8) or '') ~= ARGV[check_arg + i] then
      return {'stale', unpack(held, 1, checks)}
    end
  end
end
taken = taken_by_another(gates + 1, locks)
if taken then return taken end

for i = 1, adds do
  local most = tonumber(ARGV[count_arg + 2 * i])
  local held = most and tonumber(redis.call('GET', KEYS[count0 + i]) or 0)
  if most and held + tonumber(ARGV[count_arg + 2 * i - 1]) > most then return {'full'} end
end

local ids = {'done'}
for i = 1, events do
  ids[i + 1] = redis.call('XADD', stream, '*', 'e', ARGV[event_arg + i])
end
local function with_event(value, event)
  if event == '0' then return value end
  local id = ids[tonumber(event) + 1]
  return value .. '\122' .. string.char(#id) .. id
end
for i = 1, locks do redis.call('SET', KEYS[lock0 + i], ARGV[lock_arg + 2 * i - 1], 'NX', 'PX', ARGV[lock_arg + 2 * i]) end
for i = 1, adds do redis.call('INCRBY', KEYS[count0 + i], ARGV[count_arg + 2 * i - 1]) end
for i = 1, puts do
  local at = put_arg + 3 * i - 2
  local key, value, ttl = KEYS[put0 + i], with_event(ARGV[at], ARGV[at + 1]), ARGV[at + 2]
  if ttl == '0' then redis.call('SET', key, value) else redis.call('SET', key, value, 'PX', ttl) end
end
for i = 1, ops do
  local at = op_arg + 3 * i - 2
  local index, score, member = KEYS[index0 + tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2]
  if score == '' then redis.call('ZREM', index, member) else redis.call('ZADD', index, score, member) end
end
for i = 1, answers do
  local value = with_event(ARGV[answer_arg + 2 * i - 1], ARGV[answer_arg + 2 * i])
  redis.call('SET', KEYS[i], value, 'PX', ARGV[9])
end
return ids
