import type { Broker } from '../../../broker/broker.ts'
import type { Notifications } from './notifications.ts'

/** Where keys are, by the number of a database. */
type Databases = { readonly count: number; namespace(index: number): string }

/**
 * Notifications of what no Redis client did: keys that expire, and what other protocols do to lists
 * and streams. A message published to a list is a push at the end where messages are put, one that
 * is taken a pop at the other; what comes back is a push again, for there is no better word.
 */
export function announceOthers(
  { entries, keyspace, lists, queues }: Broker,
  notifications: Notifications,
  parts: { readonly databases: Databases; readonly isOwn: () => boolean },
): void {
  const { databases, isOwn } = parts
  const databaseOf = (namespace: string): number => {
    for (let index = 0; index < databases.count; index++)
      if (databases.namespace(index) === namespace) return index
    return -1
  }
  keyspace.onExpired((database, key, what) => {
    if (notifications.isSilent) return
    if (what === 'key') notifications.notify(database.index, 'x', 'expired', key)
    else notifications.notify(database.index, 'h', 'hexpired', key)
  })
  lists.onChanged((namespace, name, isMore) => {
    if (notifications.isSilent || isOwn()) return
    const database = databaseOf(namespace)
    const isHeadRight = queues.find(namespace, name)?.head === 'right'
    const push = isHeadRight ? 'lpush' : 'rpush'
    const pop = isHeadRight ? 'rpop' : 'lpop'
    const key = keyOf(name)
    if (database < 0) return
    notifications.notify(database, 'l', isMore ? push : pop, key)
    if (!isMore && lists.find(namespace, name) === undefined)
      notifications.notify(database, 'g', 'del', key)
  })
  entries.onAppended((namespace, name) => {
    if (notifications.isSilent || isOwn()) return
    const database = databaseOf(namespace)
    if (database >= 0) notifications.notify(database, 't', 'xadd', keyOf(name))
  })
}

const keyOf = (name: string): string => Buffer.from(name, 'utf8').toString('latin1')
