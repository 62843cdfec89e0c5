import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Side, SideCommand } from '../harness/side.ts'
import { answersAmqp } from '../loads/amqp091/wire.ts'
import { servesKafka } from '../loads/kafka/serves.ts'
import { answersPing } from '../loads/resp/wire.ts'

const root = join(import.meta.dirname, '../..')

type Protocol = 'kafka' | 'amqp091' | 'resp'

/** Where an open port may still refuse all, its protocol's clients are asked. */
const serves: Readonly<Record<Protocol, Pick<SideCommand, 'serves'>>> = {
  kafka: { serves: servesKafka },
  amqp091: { serves: answersAmqp },
  resp: { serves: answersPing },
}

/** The built program, as a user starts it, with one listener. */
export function sabir(protocol: Protocol, changes: Partial<SabirChanges> = {}): Side {
  const { name = 'sabir', options = [], durability = 'synced to disk (fdatasync)' } = changes
  return {
    name,
    title: 'Sabir',
    durability,
    prepare: async () => {
      const text = readFileSync(join(root, 'package.json'), 'utf8')
      return (JSON.parse(text) as { version: string }).version
    },
    command: async (port, folder) => {
      const data = ['--data', join(folder, 'data')]
      const listeners = ['--listeners', `${protocol}://127.0.0.1:${port}`]
      const program = join(root, 'bin/sabir.js')
      const line = [process.execPath, program, 'start', ...data, ...listeners, ...options]
      return { line, ...serves[protocol] }
    },
  }
}

/** As Redis' clients have it, unless an operator wants it otherwise. */
export const sabirEverysec: Side = sabir('resp', {
  options: ['--resp-appendfsync', 'everysec'],
  durability: 'written before it answers, synced within a second',
})

type SabirChanges = { name: string; options: readonly string[]; durability: string }
