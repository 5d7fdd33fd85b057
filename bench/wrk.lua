-- Deliveries of a file, sent by wrk, each thread its share of them over and over, in order.
--
-- DELIVERIES: a file of lines, `path TAB signature TAB body`. ANSWERS: where to write, as JSON, the seconds that it took,
-- latencies in milliseconds, how often each status came, and how many requests each thread has begun. With a thread for
-- each connection a thread knows which delivery an answer is for: then the numbers of the lines that were answered 200
-- follow, one a line, as often as they were.

local all = {}
local has_one_connection = os.getenv("THREADS") == os.getenv("CONNECTIONS")

function setup(thread)
  thread:set("number", #all)
  table.insert(all, thread)
end

function init()
  requests, lines, taken, statuses = {}, {}, {}, {}
  begun = 0
  local line = 0
  for text in io.lines(os.getenv("DELIVERIES")) do
    if line % tonumber(os.getenv("THREADS")) == number then
      local path, signature, body = text:match("^([^\t]*)\t([^\t]*)\t(.*)$")
      local headers = {["Content-Type"] = "application/json", ["X-Hub-Signature-256"] = signature}
      table.insert(requests, wrk.format("POST", path, headers, body))
      table.insert(lines, line)
    end
    line = line + 1
  end
end

function request()
  if number == 0 and not is_tried then -- wrk asks the first thread once to see what it gets, and sends nothing
    is_tried = true
    return requests[1]
  end
  begun = begun + 1
  return requests[(begun - 1) % #requests + 1]
end

function response(status)
  statuses[tostring(status)] = (statuses[tostring(status)] or 0) + 1
  if has_one_connection and status == 200 then table.insert(taken, lines[(begun - 1) % #requests + 1]) end
end

function done(summary, latency)
  local counts, written, begun = {}, {}, {}
  for _, thread in ipairs(all) do
    for status, count in pairs(thread:get("statuses")) do counts[status] = (counts[status] or 0) + count end
    table.insert(begun, thread:get("begun"))
  end
  for status, count in pairs(counts) do table.insert(written, string.format('"%s": %d', status, count)) end
  local errors = summary.errors
  local file = assert(io.open(os.getenv("ANSWERS"), "w"))
  file:write(string.format(
    '{"seconds": %f, "p50": %f, "p99": %f, "slowest": %f, "broken": %d, "statuses": {%s}, "begun": [%s]}\n',
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write, table.concat(written, ", "), table.concat(begun, ", ")))
  for _, thread in ipairs(all) do
    for _, line in ipairs(thread:get("taken")) do file:write(line, "\n") end
  end
  file:close()
end
