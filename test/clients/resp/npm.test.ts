import { afterAll, beforeAll, describe, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import { npmPrograms } from './programs/index.ts'
import { judge, type Notes } from './recorded.ts'

describe('clients from npm see what they see at redis-server', () => {
  let broker: RunningBroker
  beforeAll(async () => {
    broker = await startBroker({ storage: 'memory' })
  })
  afterAll(() => broker.close())
  test.each(npmPrograms)('$name', async ({ name, run }) => {
    const notes: Notes = {}
    await run(
      broker.url('resp'),
      (label, value) => void (notes[label in notes ? `${label}, again` : label] = value),
    )
    judge(name, notes)
  })
})
