import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

test('examples/two-clients.ts: one client reads what another has sent', async () => {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'examples/two-clients.ts'], {
    cwd: root,
    timeout: 25_000,
  })
  expect(stdout).toBe('0 colour red\n1 colour green\n2 colour blue\n')
})

test('examples/amqp-and-kafka.ts: what one protocol brings, the other takes', async () => {
  const run = promisify(execFile)
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', 'examples/amqp-and-kafka.ts'],
    {
      cwd: root,
      timeout: 25_000,
    },
  )
  expect(stdout).toBe('Kafka got tea (c-1)\nAMQP got tea\nAMQP got coffee\n')
})
