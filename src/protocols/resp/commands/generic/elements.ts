import { nameOfKey } from '../../../../broker/keyspace/index.ts'
import type { Call } from '../../command.ts'

/** The elements of the list of a key, as binary strings; undefined when there is none. */
export function listElementsOf({ db, services }: Call, key: string): string[] | undefined {
  if (db.typeOf(key) !== 'list') return undefined
  const elements: string[] = []
  const list = services.broker.lists.find(db.namespace, nameOfKey(key)!)!
  list.each(0, list.length - 1, ({ bytes, start, end }) => {
    elements.push(bytes.toString('latin1', start, end))
  })
  return elements
}
