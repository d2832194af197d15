-- Replaces a record by another and leaves it as long to live, if it is still the one that was read.
--
-- KEYS: 1 the record.
-- ARGV: 1 the record that was read, 2 the one to put in its place.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'changed', ''} end
local ttl_ms = redis.call('PTTL', KEYS[1])
if ttl_ms > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ttl_ms)
else
  redis.call('SET', KEYS[1], ARGV[2])
end
return {'done', ''}
