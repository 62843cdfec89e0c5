import { launch, type RunningBroker } from '../../clients/brokers.ts'
import { redisServer } from '../../clients/resp/redis-server.ts'
import { show } from '../reply.ts'
import { RespSocket } from '../socket.ts'
import { type Answers, play } from './play.ts'
import {
  RECORDED_VERSION,
  readRecording,
  type Script,
  scripts,
  titleOf,
  writeRecording,
} from './recording.ts'

/**
 * Plays scripts on the real server and writes down what it answers; others keep what they have.
 *
 *   npx tsx test/resp/compare/record.ts strings lists
 */
export async function record(names: readonly string[]): Promise<void> {
  const broker = await launch(redisServer())
  try {
    await checkVersion(broker.address)
    for (const script of scripts)
      if (names.length === 0 || names.includes(script.name)) await recordScript(script, broker)
  } finally {
    await broker.stop()
  }
}

async function checkVersion(address: string): Promise<void> {
  const socket = await RespSocket.open(address)
  const info = show(await socket.ask('INFO', 'server'))
  await socket.close()
  const version = /redis_version:([\d.]+)/.exec(info)?.[1]
  if (version !== RECORDED_VERSION)
    throw new Error(`the recordings are of redis-server ${RECORDED_VERSION}, this is ${version}`)
}

async function recordScript({ name, sections }: Script, { address }: RunningBroker): Promise<void> {
  const recording = new Map<string, Answers>()
  const before = readRecording(name)
  let changed = 0
  for (const section of sections) {
    if (section.since !== undefined) continue
    for (const version of section.versions) {
      const title = titleOf(section, version)
      const answers = await play(address, section, version)
      if (answers.length < section.steps.length)
        throw new Error(`${name}, ${title}: ${answers.at(-1)?.join(': ')}`)
      recording.set(title, answers)
      if (JSON.stringify(before.get(title)) !== JSON.stringify(answers)) changed++
    }
  }
  writeRecording(name, recording)
  console.log(`recorded ${name}: ${recording.size} sections, ${changed} of them new or changed`)
}

if (process.argv[1] === import.meta.filename) await record(process.argv.slice(2))
