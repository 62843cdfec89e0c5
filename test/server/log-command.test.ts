import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startBroker } from '../../src/index.ts'
import { command } from './command.ts'

let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-log-'))
  const lines = join(folder, 'lines')
  writeFileSync(lines, 'needle\nhay\n')
  await using broker = await startBroker({ storage: { folder: join(folder, 'data') } })
  await command('produce', 'found', '-f', lines, '--broker', broker.url('kafka'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const log = (...words: string[]) => command('log', ...words, '--data', join(folder, 'data'))

/** Flips one bit of the record's text, wherever it lies. */
function damage(): void {
  const names = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
  for (const name of names.filter(one => /chain|segment/.test(one) && /\d/.test(one))) {
    const path = join(folder, 'data', name)
    const bytes = readFileSync(path)
    const at = bytes.indexOf('needle')
    if (at < 0) continue
    bytes[at]! ^= 1
    writeFileSync(path, bytes)
  }
}

describe('sabir log', () => {
  test('check finds nothing wrong with what was closed', async () => {
    const { code, out, error } = await log('check')
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out).toMatch(/data: no damage; files \d+, slots \d+, batches 1, bytes \d+\n$/)
  })

  test('check tells of damage: file, position and what to do', async () => {
    damage()
    const { code, out } = await log('check', '--json')
    expect(code).toBe(1)
    const { damaged, findings } = JSON.parse(out) as { damaged: number; findings: object[] }
    expect(damaged).toBe(1)
    expect(findings).toMatchObject([
      { kind: 'damage', path: expect.stringContaining(folder), remedy: expect.any(String) },
    ])
  })

  test('dump shows slots, batches and records', async () => {
    const { code, out } = await log('dump', '--records')
    expect(code).toBe(0)
    expect(out).toMatch(/^slot \d+ {2}\d{4}-/m)
    expect(out).toMatch(/^ {2}batch {2}log \d+ {2}offsets 0\.\.1 {2}records 2/m)
    expect(out).toContain('    0  -  "needle"\n    1  -  "hay"\n')
  })

  test('dump as JSON is one object a line, with bytes as base64', async () => {
    const { out } = await log('dump', '--json', '--records')
    const events = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { kind: string })
    const batch = events.find(({ kind }) => kind === 'batch') as { bytes?: string } | undefined
    expect(Buffer.from(batch?.bytes ?? '', 'base64').toString('latin1')).toContain('needle')
  })

  test.each(['check', 'dump'])('%s of a folder without a log ends with 3', async what => {
    const outcome = await command('log', what, '--data', join(folder, 'nothing'))
    expect(outcome.error).toContain('there is no log in')
    expect(outcome.code).toBe(3)
  })
})
