import type { Broker } from '../../broker/broker.ts'
import { keyOfName } from '../../broker/keyspace/index.ts'
import type { Blocking } from './blocking/index.ts'
import type { Trackings } from './tracking/index.ts'

type Told = { readonly blocking: Blocking; readonly tracking: Trackings }

/** Clients that wait hear of what other protocols, or time, brought to their keys. */
export function followArrivals({ lists, entries, keyspace }: Broker, told: Told): void {
  const { blocking, tracking } = told
  const arrived = (_namespace: string, name: string): void => {
    if (blocking.isAwaited) blocking.changed(keyOfName(name))
  }
  lists.onReady(arrived)
  entries.onAppended(arrived)
  entries.onChanged(arrived) // A stream may be gone.
  keyspace.onExpired((_database, key) => {
    if (tracking.isOn) tracking.changed(key)
    if (blocking.isAwaited) blocking.changed(key)
  })
}
