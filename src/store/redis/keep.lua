-- Keeps a proposal, in one atomic step, with the same care as commit.lua.
--
-- KEYS: 1 proposal, 2 summary, 3 proposals, 4 expiry, 5 request, if there is one.
-- ARGV: 1 record of the proposal, 2 of the summary, 3 list position, 4 expiry and 5 now in milliseconds since 1970,
-- 6 milliseconds to live, 7 record of the outcome, 8 its milliseconds to live.
if KEYS[5] then
  local seen = redis.call('GET', KEYS[5])
  if seen then return {'seen', seen} end
end
if redis.call('EXISTS', KEYS[1]) == 1 then return {'repeated', ''} end
redis.call('ZCARD', KEYS[3]) -- Fails now, before any write, if it is no sorted set.
local expired = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', ARGV[5], 'LIMIT', 0, 100)
for _, position in ipairs(expired) do
  redis.call('ZREM', KEYS[3], position)
  redis.call('ZREM', KEYS[4], position)
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[6])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[6])
redis.call('ZADD', KEYS[3], 0, ARGV[3])
redis.call('ZADD', KEYS[4], ARGV[4], ARGV[3])
for _, index in ipairs({KEYS[3], KEYS[4]}) do
  if redis.call('PTTL', index) < tonumber(ARGV[6]) then redis.call('PEXPIRE', index, ARGV[6]) end
end
if KEYS[5] then redis.call('SET', KEYS[5], ARGV[7], 'PX', ARGV[8]) end
return {'done', ''}
