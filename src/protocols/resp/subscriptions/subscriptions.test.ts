import { expect, test } from 'vitest'
import { ChannelMessage } from '../../../broker/channel/index.ts'
import type { ChannelSpace } from '../../../broker/channel/index.ts'
import type { Client, Subscriptions } from '../client.ts'
import { messageForms, notificationClasses, Notifications, OutputLimits } from './index.ts'

test('subscriptions: messages as RESP2 and RESP3 have them', () => {
  const message = new ChannelMessage()
  message.set('ch', Buffer.from('xbodyx'), 1, 5)
  const both = (): string[] =>
    [2, 3].map(version => messageForms[version as 2 | 3].encode(message).toString('latin1'))
  const rest = '$2\r\nch\r\n$4\r\nbody\r\n'
  expect(both()).toEqual([`*3\r\n$7\r\nmessage\r\n${rest}`, `>3\r\n$7\r\nmessage\r\n${rest}`])
  message.matchedBy('c*')
  expect(both()).toEqual([
    `*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n${rest}`,
    `>4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n${rest}`,
  ])
  message.set('\xff', Buffer.from([0, 0xfe]), 0, 2)
  message.isSharded = true
  expect(both()[0]).toBe('*3\r\n$8\r\nsmessage\r\n$1\r\n\xff\r\n$2\r\n\0\xfe\r\n')
})

const shown: [given: string, classes: string | null][] = [
  ['', ''],
  ['KEA', 'AKE'],
  ['Kx', 'xK'],
  ['Elg', 'glE'],
  ['g$lshzxetdK', 'AK'],
  ['Am', 'Am'],
  ['KEQ', null],
]
for (const [given, classes] of shown) {
  test(`notifications: '${given}' is shown as '${classes}'`, () => {
    expect(notificationClasses(given)).toBe(classes)
  })
}

test('notifications: what was asked for is announced', () => {
  const heard: string[] = []
  const space = {
    isSilent: false,
    announce: (channel: string, body: Buffer) => heard.push(`${channel} ${body.toString()}`),
  } as Partial<ChannelSpace> as ChannelSpace
  const notifications = new Notifications(space)
  notifications.notify(0, 'g', 'del', 'k')
  expect([heard, notifications.isSilent]).toEqual([[], true])
  notifications.classes = 'gKE'
  notifications.notify(3, 'g', 'del', 'k')
  notifications.notify(3, 'l', 'lpush', 'k')
  expect(heard.splice(0)).toEqual(['__keyspace@3__:k del', '__keyevent@3__:del k'])
  notifications.classes = 'AE'
  notifications.notify(0, 'l', 'lpush', 'k')
  notifications.notify(0, 'm', 'keymiss', 'k')
  expect(heard).toEqual(['__keyevent@0__:lpush k'])
})

/** A client that has so much waiting for it. */
class SlowClient {
  outputBytes = 0
  isClosed = false
  subscriptions: Subscriptions | null = null

  subscribe(): void {
    const counts = { channelCount: 1, patternCount: 0, shardCount: 0 }
    this.subscriptions = counts as Partial<Subscriptions> as Subscriptions
  }

  close(): void {
    this.isClosed = true
  }
}

function watched(limits: string) {
  let now = 0
  const outputs = new OutputLimits({ now: () => now, elapsed: () => now } as never)
  expect(outputs.set(limits)).toBeNull()
  const client = new SlowClient()
  const at = (millis: number, bytes: number): boolean => {
    now = millis
    client.outputBytes = bytes
    outputs.watch(client as Partial<Client> as Client)
    return client.isClosed
  }
  return { client, at }
}

test('output limits: who has too much waiting is sent away at once', () => {
  const { client, at } = watched('pubsub 1000 0 0')
  expect(at(0, 5000)).toBe(false) // It subscribed to nothing.
  client.subscribe()
  expect([at(0, 999), at(0, 1000)]).toEqual([false, true])
})

test('output limits: who has rather much waiting is sent away after a while', () => {
  const { client, at } = watched('pubsub 0 1kb 10 normal 2000 0 0')
  client.subscribe()
  expect([at(0, 1024), at(9_000, 5000), at(10_000, 1024)]).toEqual([false, false, false])
  expect([at(10_500, 1023), at(11_000, 1024), at(21_000, 2000)]).toEqual([false, false, false])
  expect(at(21_001, 1024)).toBe(true)
})

test('output limits: as CONFIG shows and takes them', () => {
  const outputs = new OutputLimits({ now: () => 0, elapsed: () => 0 } as never)
  expect(outputs.text).toBe('normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60')
  expect(outputs.set('pubsub 1mb 1k 5 REPLICA 2g 0 0')).toBeNull()
  expect(outputs.text).toBe('normal 0 0 0 slave 2000000000 0 0 pubsub 1048576 1000 5')
  expect(outputs.set('normal 1 1')).toMatch('Wrong number')
  expect(outputs.set('master 1 1 1')).toMatch('Invalid client class')
  expect(outputs.set('normal 1 1 1 pubsub x 1 1')).toMatch('Error in hard')
  expect(outputs.text).toBe('normal 0 0 0 slave 2000000000 0 0 pubsub 1048576 1000 5')
})
