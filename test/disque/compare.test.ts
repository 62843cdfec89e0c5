import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../src/index.ts'
import { play } from '../resp/compare/play.ts'
import {
  comparable,
  expectedOf,
  readRecording,
  scriptsIn,
  titleOf,
} from '../resp/compare/recording.ts'

const recordedFolder = join(import.meta.dirname, 'recorded')
const EMPTYING = ['DEBUG', 'FLUSHALL']

describe('as Disque answers', () => {
  let broker: RunningBroker
  beforeAll(async () => {
    broker = await startBroker({ storage: 'memory' })
  })
  afterAll(() => broker.close())
  for (const { name, sections } of scriptsIn(join(import.meta.dirname, 'scripts'))) {
    describe(name, () => {
      const recording = readRecording(name, recordedFolder)
      for (const section of sections)
        test(section.name, async () => {
          const answers = await play(broker.url('disque'), section, 2, EMPTYING)
          const expected = expectedOf(section, 2, recording)
          const { answered, wanted } = comparable(answers, expected)
          expect(answered).toEqual(wanted)
        })
    })
  }
  test('there is a recording of every section', () => {
    for (const { name, sections } of scriptsIn(join(import.meta.dirname, 'scripts')))
      expect([...readRecording(name, recordedFolder).keys()]).toEqual(
        sections.map(section => titleOf(section, 2)),
      )
  })
})
