import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { rabbitmqEnvironment } from '../../test/clients/amqp091/rabbitmq-environment.ts'
import type { Side } from '../harness/side.ts'
import { answersAmqp } from '../loads/amqp091/wire.ts'
import { installDebian } from './debian.ts'

/** Debian's wrapper in the path gives up root's rights; this is the program itself. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server'

const run = promisify(execFile)

/** Debian's package with its defaults, and all that it writes in one folder. */
export const rabbitmq: Side = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  durability: 'durable classic queues, persistent messages: synced to disk in groups',
  prepare: async () => {
    if (!existsSync(PROGRAM)) await installDebian(['rabbitmq-server'])
    const query = ['--show', '--showformat', '${Version}', 'rabbitmq-server']
    const { stdout } = await run('dpkg-query', query)
    return `${stdout} (Debian)`
  },
  command: async (port, folder) => ({
    line: [PROGRAM],
    env: await rabbitmqEnvironment(folder, `bench-${port}`, port),
    // One that the node starts by itself would outlive it.
    companion: ['epmd', '-address', '127.0.0.1'],
    serves: answersAmqp,
  }),
}
