import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../clients/brokers.ts'
import { rabbitmqEnvironment, startPortMapper } from '../../clients/amqp091/rabbitmq-environment.ts'
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
  const env = await rabbitmqEnvironment(folder, 'rabbit', port)
  const mapper = startPortMapper(env)
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
    spawnSync('epmd', ['-kill'], { env, stdio: 'ignore' }) // It was started for the broker.
    mapper.kill()
    rmSync(folder, { recursive: true, force: true })
    process.exit()
  }
}

await main()
