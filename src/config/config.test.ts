import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokerSettingsDefault } from '../broker/settings.ts'
import { limits } from '../limits/limits.ts'
import { defaults } from './config.ts'
import { configurationDocument } from './document.ts'
import { configOf, loadConfig } from './index.ts'
import { options, type OptionKey } from './options.ts'
import { checkEntries } from './schema.ts'

/** Loads with a file of this content; its name in messages is "sabir.yaml". */
async function load(
  yaml: string | null,
  flags: string[] = [],
  env: Record<string, string> = {},
): Promise<Awaited<ReturnType<typeof loadConfig>>> {
  if (yaml === null) return loadConfig(flags, env)
  const folder = mkdtempSync(join(tmpdir(), 'sabir-config-'))
  const path = join(folder, 'sabir.yaml')
  try {
    writeFileSync(path, yaml)
    return await loadConfig(['--config', path, ...flags], env)
  } catch (error) {
    throw error instanceof Error ? new Error(error.message.replaceAll(`${folder}/`, '')) : error
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Those that the rows below are not about. */
const resp = { protocol: 'resp', port: 6379 }
const disque = { protocol: 'disque', port: 7711 }

const amqp = { protocol: 'amqp091', port: 5672, isDefaultPort: true }

describe('config: what is loaded', () => {
  test('without anything, the defaults, and the broker as it says itself', async () => {
    const config = await load(null)
    expect(config.broker).toEqual(brokerSettingsDefault)
    expect(config.listeners).toMatchObject([
      { name: 'kafka', hosts: ['127.0.0.1', '::1'], port: 9092, isDefaultPort: true, tls: null },
      { name: 'amqp091', hosts: ['127.0.0.1', '::1'], port: 5672, isDefaultPort: true, tls: null },
      { name: 'resp', hosts: ['127.0.0.1', '::1'], port: 6379, isDefaultPort: true, tls: null },
      { name: 'disque', hosts: ['127.0.0.1', '::1'], port: 7711, isDefaultPort: true, tls: null },
    ])
  })

  test('the defaults pass their own checks and come out the same', () => {
    const given = options.filter(option => option.default !== null)
    const entries = new Map(
      given.map(({ key, default: value }) => [key as OptionKey, { value, origin: 'default' }]),
    )
    expect(checkEntries(entries)).toEqual(defaults())
  })

  test('a flag wins over the environment, the environment over the file', async () => {
    const yaml = 'topics.partitions: 2\nnode:\n  id: 2\nconnections:\n  max: 2\n'
    const env = { SABIR_NODE_ID: '3', SABIR_TOPICS_PARTITIONS: '3' }
    const config = await load(yaml, ['--topics-partitions=4'], env)
    expect(config.broker.partitionsDefault).toBe(4)
    expect(config.broker.nodeId).toBe(3)
    expect(config.connectionsMax).toBe(2)
  })

  test.each([
    ['flush.interval: 250ms', { flushIntervalMs: 250 }],
    ['flush.interval: 250', { flushIntervalMs: 250 }],
    ['flush:\n  interval: 2m', { flushIntervalMs: 120_000 }],
    ['memory.tail: 64MiB', { tailBytesMax: 64 * 1024 * 1024 }],
    ['messages.bytes-max: 100MiB', { broker: { messageBytesMax: 100 * 1024 * 1024 } }],
    ['memory.high-watermark: 40', { broker: { memoryHighWatermark: 0.4 } }],
    ['disk.free-min: 1GB', { broker: { diskFreeBytesMin: 1e9 } }],
    ['users.loopback: ann, bob', { broker: { loopbackUsers: ['ann', 'bob'] } }],
    ['users.loopback: none', { broker: { loopbackUsers: [] } }],
    ['durability: async', { broker: { durability: 'async' } }],
    ['topics.auto-create: no', { broker: { autoCreateTopics: false } }],
    [
      'topics.defaults: {retention.ms: 1000, cleanup.policy: compact}',
      { broker: { topicDefaults: { 'retention.ms': '1000', 'cleanup.policy': 'compact' } } },
    ],
    ['kafka.port: 9092', { listeners: [{ port: 9092, isDefaultPort: false }, amqp, resp, disque] }],
    [
      'kafka.advertised: "[::1]:1"',
      {
        listeners: [{ advertised: { host: '::1', port: 1 } }, { advertised: null }, resp, disque],
      },
    ],
    [
      'amqp091.port: 5673',
      { listeners: [{}, { ...amqp, port: 5673, isDefaultPort: false }, resp, disque] },
    ],
    ['resp.port: 6380', { listeners: [{}, amqp, { ...resp, port: 6380 }, disque] }],
    ['resp.requirepass: secret', { protocols: { resp: { requirePass: 'secret' } } }],
    [
      'resp: {databases: 4, appendfsync: always}',
      { protocols: { resp: { databases: 4, appendFsync: 'always' } } },
    ],
    ['host: 127.0.0.1', { listeners: Array.from({ length: 4 }, () => ({ hosts: ['127.0.0.1'] })) }],
    [
      'host: 0.0.0.0\ninsecure: true',
      { listeners: Array.from({ length: 4 }, () => ({ hosts: ['0.0.0.0'] })) },
    ],
    // Its clients log in, so nobody has to say that this is meant.
    [
      'listeners: [{protocol: amqp091, host: 0.0.0.0, port: 5672}]',
      { listeners: [{ name: 'amqp091', hosts: ['0.0.0.0'] }] },
    ],
    [
      'listeners: [{protocol: auto, port: 0}, {protocol: kafka, host: "::1", port: 7, name: six}]',
      {
        listeners: [
          { name: 'auto', protocol: 'auto', hosts: ['127.0.0.1', '::1'], port: 0 },
          { name: 'six', protocol: 'kafka', hosts: ['::1'], port: 7, isDefaultPort: false },
        ],
      },
    ],
    [
      'tls: {key: k, cert: c}',
      {
        listeners: [
          { tls: null },
          { port: 9093, tls: { key: 'k', cert: 'c', ca: null } },
          { tls: null },
          { name: 'amqp091-tls', port: 5671, tls: { key: 'k', cert: 'c', ca: null } },
          { ...resp, tls: null },
          { ...disque, tls: null },
        ],
      },
    ],
    [
      'tls: {key: k, cert: c}\nresp.tls-port: 6380',
      {
        listeners: [
          {},
          {},
          {},
          {},
          { ...resp, tls: null },
          { name: 'resp-tls', port: 6380, tls: { key: 'k', cert: 'c', ca: null } },
          { ...disque, tls: null },
        ],
      },
    ],
  ])('%s', async (yaml, expected) => {
    expect(await load(yaml)).toMatchObject(expected)
  })

  test('listeners as URLs', async () => {
    const urls = 'kafka://:1?name=a&advertised=b.example:2,kafka+tls://[::1]:3'
    const config = await load(null, ['--listeners', urls, '--tls-key=k', '--tls-cert', 'c'])
    expect(config.listeners).toMatchObject([
      { name: 'a', hosts: ['127.0.0.1', '::1'], port: 1, advertised: { host: 'b.example' } },
      { name: 'kafka-tls', hosts: ['::1'], port: 3, tls: { key: 'k', clientCertificates: 'none' } },
    ])
  })

  test('a switch needs no value, and may have one', async () => {
    const open = await load(null, ['--insecure', '--host', '0.0.0.0'])
    expect(open.listeners[0]?.hosts).toEqual(['0.0.0.0'])
    await expect(load(null, ['--insecure', 'false', '--host', '0.0.0.0'])).rejects.toThrow(
      'insecure',
    )
  })
})

describe('config: what is refused, and how it is said', () => {
  test.each([
    [
      'kafka:\n  port: 70000',
      'sabir.yaml:2:3: kafka.port is 70000; allowed: a whole number from 0 to 65535',
    ],
    ['storage: tape', 'sabir.yaml:1:1: storage is "tape"; allowed: file, memory'],
    ['durabilty: sync', 'sabir.yaml:1:1: key durabilty is not known. Did you mean durability?'],
    ['kafka:\n  prot: 1', 'sabir.yaml:2:3: key kafka.prot is not known. Did you mean kafka.port?'],
    ['- a', 'sabir.yaml: is not a list of "key: value" lines'],
    ['data: [', 'sabir.yaml:1:8: '],
    ['kafka.port: "90x"', 'allowed: a whole number from 0 to 65535'],
    ['memory.tail: 1KiB', 'memory.tail is "1KiB"; allowed: a size such as 64MiB'],
    ['messages.bytes-max: 1GiB', '1 bytes at least, 536870912 at most'],
    ['listeners: [{protocol: kafka, prot: 1}]', 'listeners is '],
    ['listeners: []', 'allowed: a list of listeners, or URLs'],
    ['kafka.advertised: here', 'kafka.advertised is "here" (not host:port); allowed: host:port'],
    ['host: 0.0.0.0', 'listener "kafka" on 0.0.0.0 would let everybody'],
    ['listeners: kafka://10.0.0.1:1', 'insecure: true'],
    ['listeners: kafka+tls://:1', 'TLS needs tls.key and tls.cert'],
    ['listeners: "kafka://:1,kafka://:2"', 'two are named "kafka"'],
  ])('%s', async (yaml, message) => {
    await expect(load(yaml)).rejects.toThrow(message)
  })

  test.each([
    [['--kafka-prot', '1'], {}, 'flag --kafka-prot is not known. Did you mean --kafka-port?'],
    [['--kafka-port'], {}, 'flag --kafka-port needs a value'],
    [['--kafka-port', 'x'], {}, 'flag --kafka-port: kafka.port is "x"; allowed: a whole number'],
    [[], { SABIR_PORT: '1' }, 'environment variable SABIR_PORT is not known'],
    [[], { SABIR_CONFIG: '/no/such.yaml' }, 'configuration file /no/such.yaml does not exist'],
  ])('%j %j', async (flags, env, message) => {
    await expect(loadConfig(flags, env)).rejects.toThrow(message)
  })
})

test('the defaults are those of the limits', () => {
  const { tailBytesMax, memoryBytesMax, connectionsMax } = configOf({})
  expect({ tailBytesMax, memoryBytesMax, connectionsMax }).toEqual({
    tailBytesMax: limits.tailBytesMax,
    memoryBytesMax: limits.memoryLogsBytesMax,
    connectionsMax: limits.connectionsMax,
  })
})

test('every option has its own flag and variable', () => {
  const keys = options.map(({ key }) => key.replaceAll('.', '-'))
  expect(new Set(keys).size).toBe(keys.length)
  expect(configOf({}).stopGraceMs).toBe(5000)
})

test('docs/configuration.md says what the table says (UPDATE=1 rewrites it)', () => {
  const path = new URL('../../docs/configuration.md', import.meta.url)
  if (process.env['UPDATE'] === '1') writeFileSync(path, configurationDocument())
  expect(readFileSync(path, 'utf8')).toBe(configurationDocument())
})
