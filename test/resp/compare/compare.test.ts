import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import { play } from './play.ts'
import { comparable, expectedOf, readRecording, scripts, titleOf } from './recording.ts'

const stores = ['memory', 'file'] as const

describe.each(stores)('as redis-server answers, %s store', kind => {
  const folder = kind === 'file' ? mkdtempSync(join(tmpdir(), 'sabir-compare-')) : ''
  let broker: RunningBroker
  beforeAll(async () => {
    broker = await startBroker({ storage: kind === 'memory' ? 'memory' : { folder } })
  })
  afterAll(async () => {
    await broker.close()
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  })
  for (const { name, sections } of scripts) {
    describe(name, () => {
      const recording = readRecording(name)
      for (const section of sections)
        for (const version of section.versions)
          test(titleOf(section, version), async () => {
            const answers = await play(broker.url('resp'), section, version)
            const expected = expectedOf(section, version, recording)
            const { answered, wanted } = comparable(answers, expected)
            expect(answered).toEqual(wanted)
          })
    })
  }
})
