import { startBroker } from '../../../src/index.ts'
import { play } from './play.ts'
import { expectedOf, readRecording, type Script, scripts } from './recording.ts'
import type { Section } from './script.ts'

/**
 * Only what differs, in short, from a broker in this process.
 *
 *   npx tsx test/resp/compare/check.ts lists all-list
 */
async function check(names: readonly string[]): Promise<void> {
  await using broker = await startBroker({ storage: 'memory' })
  for (const script of scripts) {
    if (names.length > 0 && !names.includes(script.name)) continue
    const { same, other } = await checkScript(script, broker.url('resp'))
    console.log(`${script.name}: ${same} replies as they should be, ${other} not`)
  }
}

async function checkScript({ name, sections }: Script, address: string) {
  const recording = readRecording(name)
  let [same, other] = [0, 0]
  for (const section of sections) {
    for (const version of section.versions) {
      const found = await differences(section, version, address, recording)
      same += section.steps.length - found.length
      other += found.length
      if (found.length > 0) console.log(`\n== ${section.name} (RESP${version})`, ...found)
    }
  }
  return { same, other }
}

const short = (text: string | null | undefined): string => (text ?? '(stopped)').slice(0, 300)

async function differences(
  section: Section,
  version: 2 | 3,
  address: string,
  recording: ReturnType<typeof readRecording>,
): Promise<string[]> {
  const expected = expectedOf(section, version, recording)
  const answers = await play(address, section, version).catch((error: unknown) => {
    return [['', String(error)]] as const
  })
  return expected.flatMap(([line, wanted], index) => {
    const shown = answers[index]?.[1]
    if (wanted === null || shown === wanted) return []
    return [`\n  ${short(line)}\n    wanted ${short(wanted)}\n    got    ${short(shown)}`]
  })
}

await check(process.argv.slice(2))
process.exit(0)
