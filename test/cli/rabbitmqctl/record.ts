import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, normalized, SEPARATOR } from './answers.ts'
import { steps, wordsOf } from './steps.ts'
import { declareTopology } from './topology.ts'

/**
 * Asks Debian's RabbitMQ, started for it in a folder of its own, all of the steps and writes down
 * what it answers:
 *
 *   npx tsx test/cli/rabbitmqctl/record.ts
 */
const BIN = '/usr/lib/rabbitmq/bin'
const folder = mkdtempSync(join(tmpdir(), 'sabir-rabbitmqctl-'))

async function main(): Promise<void> {
  const port = await freePort()
  const env = {
    ...process.env,
    HOME: folder,
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(await freePort()),
    ERL_EPMD_PORT: String(await freePort()),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
  }
  const ctl = (words: readonly string[]): Answer => {
    const { status, stdout, stderr } = spawnSync(join(BIN, 'rabbitmqctl'), words, {
      env,
      encoding: 'utf8',
      timeout: 60_000,
    })
    return { code: status ?? -1, out: stdout, error: stderr }
  }
  const server = spawn(join(BIN, 'rabbitmq-server'), { env, stdio: 'ignore', detached: true })
  try {
    for (let attempt = 0; ctl(['await_startup']).code !== 0; attempt++) {
      if (attempt > 60) throw new Error('RabbitMQ does not start')
      await sleep(500)
    }
    const answers: string[] = []
    for (const line of steps) {
      if (line === '!topology') await declareTopology(`amqp://guest:guest@127.0.0.1:${port}`)
      if (line.startsWith('!'))
        await sleep(6000) // Until its statistics are written.
      else {
        const words = wordsOf(line.replace('~', '').replaceAll('FOLDER', folder))
        answers.push(normalized(line, ctl(words), folder))
      }
    }
    writeFileSync(join(import.meta.dirname, 'rabbitmq-3.10.8.txt'), `${answers.join(SEPARATOR)}\n`)
  } finally {
    process.kill(-server.pid!, 'SIGTERM')
    await new Promise(resolve => server.once('exit', resolve))
    rmSync(folder, { recursive: true, force: true })
    process.exit()
  }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address!.port : 0))
    })
  })
}

await main()
