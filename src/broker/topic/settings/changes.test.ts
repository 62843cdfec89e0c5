import { expect, test } from 'vitest'
import { changed, type SettingChange } from './changes.ts'
import { topicSettings } from './topic-settings.ts'

const set = (name: string, value: string): SettingChange => ({ kind: 'set', name, value })
const unset = (name: string): SettingChange => ({ kind: 'delete', name })
const append = (name: string, value: string): SettingChange => ({ kind: 'append', name, value })
const subtract = (name: string, value: string): SettingChange => ({ kind: 'subtract', name, value })

const policy = 'cleanup.policy'
const cases: [
  what: string,
  before: Record<string, string>,
  changes: SettingChange[],
  after: Record<string, string>,
][] = [
  ['sets', {}, [set('retention.ms', '1')], { 'retention.ms': '1' }],
  ['replaces', { a: '1' }, [set('a', '2')], { a: '2' }],
  ['deletes', { a: '1', b: '2' }, [unset('a')], { b: '2' }],
  ['deletes what is not set', { b: '2' }, [unset('a')], { b: '2' }],
  ['appends to the default', {}, [append(policy, 'compact')], { [policy]: 'delete,compact' }],
  ['appends once', { [policy]: 'compact' }, [append(policy, 'compact')], { [policy]: 'compact' }],
  ['subtracts', {}, [subtract(policy, 'delete')], { [policy]: '' }],
  [
    'subtracts some',
    { [policy]: 'delete,compact' },
    [subtract(policy, 'delete')],
    { [policy]: 'compact' },
  ],
  ['keeps odd names apart', {}, [set('__proto__', 'x')], JSON.parse('{"__proto__":"x"}')],
]

const table = {
  setting: (name: string) => topicSettings.get(name),
  inForce: (name: string) => topicSettings.get(name)?.default ?? null,
}

test.each(cases)('changes: %s', (_, before, changes, after) => {
  expect(changed(before, changes, table)).toEqual(after)
})

test('changes: only lists are appended to', () => {
  expect(() => changed({}, [append('retention.ms', '1')], table)).toThrow(
    "Can't APPEND to key retention.ms because its type is not LIST.",
  )
})
