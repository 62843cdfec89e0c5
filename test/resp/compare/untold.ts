const untold = new RegExp(
  '^(shutdown|debug|replicaof|slaveof|sync|psync|monitor|failover|module|config|client|cluster|' +
    'acl|dump|save|bgsave|bgrewriteaof|replconf|latency|slowlog|memory|command|info|role|lolwut|' +
    'hello|auth|quit|reset|select|subscribe|psubscribe|ssubscribe|unsubscribe|punsubscribe|' +
    'sunsubscribe|multi|exec|discard|watch|unwatch|eval|evalsha|eval_ro|evalsha_ro|fcall|' +
    'fcall_ro|function|script|swapdb|flushall|flushdb|restore|restore-asking|migrate|wait|' +
    'object|xinfo|pubsub|asking|readonly|readwrite|pfselftest|pfdebug|time|spublish|publish|scan|' +
    'sscan|spop|randomkey|lastsave)$',
)

/** False for what is about the server itself, ends something, is chance, or its own words. */
export const isDeterministic = (name: string): boolean =>
  !untold.test(name.split('|')[0]!) && !name.endsWith('|help')
