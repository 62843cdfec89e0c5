/** What both suites say of their load. */
export const sharedLoad =
  "Redis' own redis-benchmark, 50 connections, each sending its commands one at a time, 16 " +
  'or 100 at once; SET, GET, INCR, HSET and ZADD over 100,000 keys, fields or members, of ' +
  'large values as many as take 512 MiB, the others with one list, stream or channel, emptied ' +
  'before each run; so many requests as take the time by a trial. And ours (npm run load -- ' +
  'resp) for what it cannot drive: ' +
  'subscribers, BRPOP by ten waiting clients, groups of four that read a hundred entries ' +
  'and acknowledge them, and LPUSH at a fixed rate by 50 connections, from when it was due. A ' +
  'server is warmed up with all commands, 16 at once, after its start.'
