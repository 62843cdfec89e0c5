import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Client } from '../../src/cli/client/client.ts'
import { startBroker } from '../../src/index.ts'
import { listGroups, offsetCommit, offsetFetch } from '../../src/protocols/kafka/schema/index.ts'

test('committed offsets and their group are found again by the next broker', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-groups-'))
  try {
    await withClient(folder, async client => {
      await client.partitionsOf('orders', true)
      const partition = { partitionIndex: 0, committedOffset: 7, committedMetadata: 'm' }
      const topicId = (await client.topics(['orders']))[0]!.topicId
      const topics = [{ name: 'orders', topicId, partitions: [partition] }]
      const answer = await client.askCoordinator('g', offsetCommit, { groupId: 'g', topics })
      expect(answer.topics[0]?.partitions).toEqual([{ partitionIndex: 0, errorCode: 0 }])
    })
    await withClient(folder, async client => {
      const groups = [{ groupId: 'g', topics: null }]
      const answer = await client.askCoordinator('g', offsetFetch, { groups })
      const partition = { committedOffset: 7, metadata: 'm', errorCode: 0 }
      expect(answer.groups[0]?.topics[0]?.partitions).toMatchObject([partition])
      const listed = await client.ask(listGroups, {})
      expect(listed.groups).toMatchObject([{ groupId: 'g', groupState: 'Empty' }])
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

async function withClient(folder: string, use: (client: Client) => Promise<void>): Promise<void> {
  await using broker = await startBroker({ storage: { folder } })
  const client = new Client({ host: '127.0.0.1', port: broker.port('kafka') }, null)
  try {
    await use(client)
  } finally {
    await client.close()
  }
}
