import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { LocalEndpoint } from './local-endpoint.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-endpoint-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const listening = (): number =>
  process.getActiveResourcesInfo().filter(resource => resource === 'TCPServerWrap').length

test('local endpoint: where its file cannot be written, it does not listen', async () => {
  const before = listening()
  const options = { logger: silentLogger, answer: async () => ({}) }
  const endpoint = await LocalEndpoint.open({ ...options, file: join(folder, 'endpoint.json') })
  expect(listening()).toBe(before + 1)
  await endpoint.close()
  writeFileSync(join(folder, 'file'), '')
  const file = join(folder, 'file', 'endpoint.json')
  await expect(LocalEndpoint.open({ ...options, file })).rejects.toThrow(/EEXIST|ENOTDIR/)
  await expect.poll(listening).toBe(before)
})
