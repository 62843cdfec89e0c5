import { BrokerError } from '../../errors.ts'
import type { SettingValues } from '../topic-events.ts'
import { entriesOf, type Setting } from './setting.ts'

/** One change to what is set. Only lists can be appended to and subtracted from. */
export type SettingChange =
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'append' | 'subtract'; readonly name: string; readonly value: string }

/** What is set after the changes. `inForce` gives the value that a list starts from. */
export function changed(
  values: SettingValues,
  changes: readonly SettingChange[],
  table: {
    readonly setting: (name: string) => Setting | undefined
    readonly inForce: (name: string) => string | null
  },
): SettingValues {
  const result = new Map(Object.entries(values))
  for (const change of changes) {
    if (change.kind === 'set') result.set(change.name, change.value)
    else if (change.kind === 'delete') result.delete(change.name)
    else {
      if (table.setting(change.name)?.type !== 'list') {
        throw new BrokerError(
          'invalid-setting',
          `Can't ${change.kind.toUpperCase()} to key ${change.name} ` +
            'because its type is not LIST.',
        )
      }
      const before = result.get(change.name) ?? table.inForce(change.name) ?? ''
      result.set(change.name, changedList(before, change))
    }
  }
  return Object.fromEntries(result)
}

function changedList(
  before: string,
  change: { readonly kind: 'append' | 'subtract'; readonly value: string },
): string {
  const list = entriesOf(before)
  const entries = entriesOf(change.value)
  if (change.kind === 'subtract') return list.filter(entry => !entries.includes(entry)).join(',')
  return [...new Set([...list, ...entries])].join(',')
}
