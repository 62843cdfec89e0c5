import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBroker, type ListenerOptions } from '../../src/index.ts'
import { command } from './command.ts'

let folder: string
const file = (name: string): string => join(folder, name)

/** A certificate for localhost, signed by itself: its own authority. */
function certify(name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '9']
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'pipe' })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-tls-'))
  for (const name of ['server', 'client', 'stranger']) certify(name)
})
afterAll(() => rmSync(folder, { recursive: true }))

const listener = (tls: Partial<ListenerOptions['tls']>): ListenerOptions => ({
  name: 'kafka',
  protocol: 'kafka',
  hosts: ['127.0.0.1'],
  port: 0,
  advertised: null,
  isDefaultPort: false,
  tls: {
    key: file('server.key'),
    cert: file('server.pem'),
    ca: null,
    clientCertificates: 'none',
    versionMin: 'TLSv1.2',
    ...tls,
  },
})

const list = (url: string, ...flags: string[]) =>
  command('topic', 'list', '--json', '--broker', url, ...flags)

describe('tls', () => {
  test('a client that trusts the certificate is served', async () => {
    await using broker = await startBroker({ listeners: [listener({})] })
    const outcome = await list(broker.url('kafka'), '--tls-ca', file('server.pem'))
    expect(outcome).toEqual({ code: 0, out: '[]\n', error: '' })
  })

  test('a client that does not trust it, or speaks plain, is not served', async () => {
    await using broker = await startBroker({ listeners: [listener({})] })
    expect(await list(broker.url('kafka'), '--tls-ca', file('stranger.pem'))).toMatchObject({
      code: 4,
    })
    expect(await list(broker.url('kafka'))).toMatchObject({ code: 4 })
    expect(await list(broker.url('kafka'), '--tls-ca', file('server.pem'))).toMatchObject({
      code: 0,
    })
  })

  test.each([
    ['client', 0],
    ['stranger', 4],
    [null, 4],
  ])('client certificates are required: %s ends with %i', async (name, code) => {
    const tls = { ca: file('client.pem'), clientCertificates: 'required' as const }
    await using broker = await startBroker({ listeners: [listener(tls)] })
    const shown =
      name === null ? [] : ['--tls-cert', file(`${name}.pem`), '--tls-key', file(`${name}.key`)]
    const flags = ['--tls-ca', file('server.pem'), ...shown]
    expect((await list(broker.url('kafka'), ...flags)).code).toBe(code)
  })

  test.each([
    [{ key: '/no/such' }, 'cannot read tls.key "/no/such"'],
    [{ key: 'client.key' }, 'cannot be used'],
    [{ clientCertificates: 'required' as const }, 'there is no tls.ca'],
  ])('%j fails the start', async (tls, message) => {
    const own = 'key' in tls && tls.key === 'client.key' ? { key: file('client.key') } : tls
    await expect(startBroker({ listeners: [listener(own)] })).rejects.toThrow(message)
  })
})
