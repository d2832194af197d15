-- Makes a version current, in one atomic step. It writes only after every read that may find a value of the wrong type,
-- since Redis does not take back what a script wrote before it failed.
--
-- KEYS: 1 current, 2 version, 3 allocations, 4 summary of the version, 5 request, if there is one.
-- ARGV: 1 expected version or nothing, 2 new version, 3 its record, 4 allocation id, 5 versions kept, 6 what the keys of
-- versions begin with, 7 record of the summary, 8 what the keys of summaries begin with, 9 record of the outcome, 10 its
-- milliseconds to live.
if KEYS[5] then
  local seen = redis.call('GET', KEYS[5])
  if seen then return {'seen', seen} end
end
if tonumber(redis.call('ZSCORE', KEYS[3], ARGV[4]) or '0') == tonumber(ARGV[2]) then return {'repeated', ''} end
local current = redis.call('GET', KEYS[1]) or ''
if current == '' and redis.call('EXISTS', KEYS[3]) == 1 then return {'pointer missing', ''} end
if current ~= ARGV[1] then return {'conflict', current} end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'occupied', ''} end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('SET', KEYS[4], ARGV[7])
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[4])
if KEYS[5] then redis.call('SET', KEYS[5], ARGV[9], 'PX', ARGV[10]) end
local dropped = tonumber(ARGV[2]) - tonumber(ARGV[5])
if dropped >= 1 then redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', dropped)) end
while dropped >= 1 and redis.call('DEL', ARGV[6] .. string.format('%.0f', dropped)) == 1 do
  redis.call('DEL', ARGV[8] .. string.format('%.0f', dropped))
  dropped = dropped - 1
end
return {'done', ''}
