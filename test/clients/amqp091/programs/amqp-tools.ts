import { run } from '../../build.ts'
import type { Program } from './program.ts'

const refusal = (error: unknown): string =>
  // What the tool says of itself differs between its versions; the broker's words do not.
  /server (?:channel|connection) error (?:\d+h?), message: ([^\n]*)/.exec(String(error))?.[1] ??
  String(error)

/** Debian's command line tools, as a shell script would use them. */
export const amqpTools: Program = {
  name: 'amqp-tools',
  prepare: async () => {
    await run('amqp-publish', ['--help'])
  },
  run: async (address, note) => {
    const tool = (name: string, ...options: string[]): Promise<string> =>
      run(`amqp-${name}`, ['--url', `amqp://guest:guest@${address}`, ...options])
    const queue = 'tools'
    note('declared', await tool('declare-queue', '--queue', queue, '--durable'))
    for (const body of ['one', 'two', 'three', 'four']) {
      await tool('publish', '--routing-key', queue, '--persistent', '--body', body)
    }
    const typed = ['--content-type', 'text/plain', '--reply-to', 'somewhere', '--header', 'a: b']
    await tool('publish', '--exchange', 'amq.direct', '--routing-key', 'k', ...typed, '-b', 'lost')
    note('got', await tool('get', '--queue', queue))
    note('consumed', await tool('consume', '--queue', queue, '--count', '2', 'cat'))
    const bound = ['--exchange', 'amq.topic', '--routing-key', 'a.#', '--count', '1', 'cat']
    const consuming = tool('consume', ...bound)
    for (let tries = 0; tries < 50; tries++) {
      await tool('publish', '--exchange', 'amq.topic', '--routing-key', 'a.b', '--body', 'topic')
      const isOver = await Promise.race([
        consuming.then(() => true),
        new Promise(resolve => setTimeout(resolve, 100, false)),
      ])
      if (isOver === true) break
    }
    note('from a topic', await consuming)
    note('deleted', await tool('delete-queue', '--queue', queue))
    note('nothing there', await tool('get', '--queue', queue).catch(refusal))
  },
}
