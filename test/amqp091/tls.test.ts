import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, credentials } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ListenerOptions, startBroker } from '../../src/index.ts'

let folder: string
const file = (name: string): string => join(folder, name)

/** A certificate signed by itself: its own authority. */
function certify(name: string, subject: string): void {
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '9']
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]
  const request = ['req', '-x509', '-subj', subject, ...names, ...kind, ...files]
  execFileSync('openssl', request, { stdio: 'pipe' })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-amqps-'))
  certify('server', '/CN=localhost')
  certify('guest', '/O=here/CN=guest')
  certify('stranger', '/O=here/CN=stranger')
  certify('forger', '/O=here/CN=guest')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Trusts two certificates: of a user, and of somebody who is none. */
const listener = (): ListenerOptions => {
  const ca = file('ca.pem')
  execFileSync('sh', ['-c', `cat ${file('guest.pem')} ${file('stranger.pem')} > ${ca}`])
  return {
    name: 'amqps',
    protocol: 'amqp091',
    hosts: ['127.0.0.1'],
    port: 0,
    advertised: null,
    isDefaultPort: false,
    tls: {
      key: file('server.key'),
      cert: file('server.pem'),
      ca,
      clientCertificates: 'optional',
      versionMin: 'TLSv1.2',
    },
  }
}

const dial = (port: number, name: string | null, withPassword: boolean) =>
  connect(`amqps://localhost:${port}`, {
    ca: [readFileSync(file('server.pem'))],
    ...(name === null
      ? {}
      : { cert: readFileSync(file(`${name}.pem`)), key: readFileSync(file(`${name}.key`)) }),
    ...(withPassword ? {} : { credentials: credentials.external() }),
  })

describe('amqp over TLS', () => {
  test('a password will do', async () => {
    await using broker = await startBroker({ listeners: [listener()] })
    const connection = await dial(broker.port('amqp091'), null, true)
    const channel = await connection.createChannel()
    expect(await channel.assertQueue('q')).toMatchObject({ queue: 'q' })
    await connection.close()
  })

  test('so does the certificate of a user', async () => {
    await using broker = await startBroker({ listeners: [listener()] })
    const connection = await dial(broker.port('amqp091'), 'guest', false)
    await connection.createChannel()
    await connection.close()
  })

  test.each([
    ['none', null],
    ['that of nobody', 'stranger'],
    ['one that nobody trusts', 'forger'],
  ])('no certificate: %s', async (_name, certificate) => {
    await using broker = await startBroker({ listeners: [listener()] })
    await expect(dial(broker.port('amqp091'), certificate, false)).rejects.toThrow(/403|EXTERNAL/)
  })
})
