#!lua
-- Commits up to 32 changes at once: all of them, or nothing.
--
-- Guarantee: everything is checked before the first write, and the first write is the event, so a change without its event
-- cannot be. Answers come before versions: who repeats a request is told its first answer, not that the world has moved.
--
-- KEYS  answer*  check*  lock*  gate*  count*  stream  put*  lapse*  index*
-- ARGV  counts:  answers checks locks gates counts events puts lapses indexes
--       answer:  value, event, for how long it is remembered in ms
--       check:   version expected, 8 bytes; empty when the record must be absent
--       lock:    holder, ttl in ms
--       count:   what to add, and the most that may be afterwards; empty without a limit
--       event:   payload
--       put:     value, event
--       lapse:   value, ttl in ms
--       index:   ZADD, ZREM, RPUSH or PEXPIRE, how many arguments follow, then those: score in ms and member, or member; for
--                RPUSH, which keeps in what order events came, their places among events, in place of which their ids are put;
--                for PEXPIRE, of a count that was added to, for how long it is kept from now on in ms
--
-- What can be written by one command is: a call of a command costs more than what it does.
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
for i = 1, 9 do counts[i] = tonumber(ARGV[i]) end
local answers, checks, locks, gates, adds, events, puts, lapses, indexes = unpack(counts)
local check0, lock0 = answers, answers + checks
local gate0 = lock0 + locks
local count0, put0 = gate0 + gates, gate0 + gates + adds + 1
local stream = KEYS[put0]
local lapse0, index0 = put0 + puts, put0 + puts + lapses
local answer_arg, check_arg = 9, 9 + 3 * answers
local lock_arg = check_arg + checks
local count_arg = lock_arg + 2 * locks
local event_arg = count_arg + 2 * adds
local put_arg = event_arg + events
local lapse_arg = put_arg + 2 * puts

-- Everything that is looked at, in one call; it is judged in the order above.
local looked = gate0 + gates + adds
local held = looked > 0 and redis.call('MGET', unpack(KEYS, 1, looked)) or {}
local found = {'answered'}
for i = 1, answers do
  if held[i] then found[#found + 1], found[#found + 2] = i, held[i] end
end
if #found > 1 then return found end
local function taken_by_another(from, to)
  for i = from, to do
    local at = lock0 + i
    if not held[at] and i <= gates then at = gate0 + i end
    if held[at] and held[at] ~= ARGV[lock_arg + 2 * i - 1] then return {'locked', redis.call('PTTL', KEYS[at])} end
  end
end
local taken = taken_by_another(1, gates)
if taken then return taken end
for i = 1, checks do
  local value = held[check0 + i]
  if (value and string.sub(value, 1, 8) or '') ~= ARGV[check_arg + i] then
    return {'stale', unpack(held, check0 + 1, check0 + checks)}
  end
end
taken = taken_by_another(gates + 1, locks)
if taken then return taken end

local sets = {}
for i = 1, adds do
  local sum, most = (held[count0 + i] or 0) + ARGV[count_arg + 2 * i - 1], tonumber(ARGV[count_arg + 2 * i])
  if most and sum > most then return {'full'} end
  sets[2 * i - 1], sets[2 * i] = KEYS[count0 + i], string.format('%.0f', sum)
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
for i = 1, puts do
  local at, value = 2 * (adds + i), put_arg + 2 * i - 1
  sets[at - 1], sets[at] = KEYS[put0 + i], with_event(ARGV[value], ARGV[value + 1])
end
-- Lua passes some thousand arguments at most.
for i = 1, #sets, 4000 do redis.call('MSET', unpack(sets, i, math.min(i + 3999, #sets))) end
for i = 1, lapses do redis.call('SET', KEYS[lapse0 + i], ARGV[lapse_arg + 2 * i - 1], 'PX', ARGV[lapse_arg + 2 * i]) end
local at = lapse_arg + 2 * lapses + 1
for i = 1, indexes do
  local last = at + 1 + ARGV[at + 1]
  for n = at + 2, ARGV[at] == 'RPUSH' and last or 0 do ARGV[n] = ids[ARGV[n] + 1] end
  redis.call(ARGV[at], KEYS[index0 + i], unpack(ARGV, at + 2, last))
  at = last + 1
end
for i = 1, answers do
  local at = answer_arg + 3 * i
  redis.call('SET', KEYS[i], with_event(ARGV[at - 2], ARGV[at - 1]), 'PX', ARGV[at])
end
return ids
