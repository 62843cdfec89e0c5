import { connect } from 'amqplib'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { startBroker } from '../../src/index.ts'

const listener = (protocol: string) => ({
  name: protocol,
  protocol,
  hosts: ['127.0.0.1'],
  port: 0,
  advertised: null,
  isDefaultPort: false,
  tls: null,
})

test('one port serves both: the first bytes tell', async () => {
  await using broker = await startBroker({ listeners: [listener('auto')] })
  const address = broker.url('auto')
  const connection = await connect(`amqp://${address}`)
  const channel = await connection.createChannel()
  await channel.assertQueue('orders')
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  expect(await admin.listTopics()).toContain('orders')
  await admin.disconnect()
  await connection.close()
})

test('each has a port of its own unless told otherwise', async () => {
  await using broker = await startBroker()
  const protocols = broker.listeners.map(({ protocol }) => protocol)
  expect(protocols).toEqual(['kafka', 'amqp091', 'resp', 'disque'])
  const connection = await connect(`amqp://${broker.url('amqp091')}`)
  await connection.close()
})

test('a broker that stops tells its clients why', async () => {
  const broker = await startBroker()
  const connection = await connect(`amqp://${broker.url('amqp091')}`)
  const ended = new Promise<Error>(resolve => connection.on('close', resolve))
  await broker.close()
  expect(String(await ended)).toContain('320 (CONNECTION-FORCED)')
})
