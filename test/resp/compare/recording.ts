import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answers } from './play.ts'
import { parseScript, type Section } from './script.ts'

/** What the recordings are of. */
export const RECORDED_VERSION = '7.0.15'

const scriptsFolder = join(import.meta.dirname, 'scripts')
const recordedFolder = join(import.meta.dirname, `recorded/redis-${RECORDED_VERSION}`)

export type Script = { readonly name: string; readonly sections: readonly Section[] }

export const scripts: readonly Script[] = scriptsIn(scriptsFolder)

export function scriptsIn(folder: string): Script[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.txt'))
    .toSorted()
    .map(file => {
      const text = readFileSync(join(folder, file), 'utf8')
      return { name: file.slice(0, -4), sections: parseScript(text, `scripts/${file}`) }
    })
}

/** What is meant to differ where no hand wrote the script, by line. */
const differences = new Map(
  parseScript(
    readFileSync(join(import.meta.dirname, 'differences.txt'), 'utf8'),
    'differences.txt',
  ).flatMap(({ steps }) => steps.map(step => [step.line, step.sabir] as const)),
)

/** Answers by title of the section. */
export type Recording = ReadonlyMap<string, Answers>

export const titleOf = ({ name }: Section, version: 2 | 3): string => `${name} (RESP${version})`

export function readRecording(script: string, folder = recordedFolder): Recording {
  const path = join(folder, `${script}.txt`)
  const sections = new Map<string, [string, string][]>()
  if (!existsSync(path)) return sections
  let answers: [string, string][] = []
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.startsWith('== ')) sections.set(line.slice(3), (answers = []))
    else if (line.startsWith('  ')) answers.at(-1)![1] = line.slice(2)
    else if (line !== '' && !line.startsWith('#')) answers.push([line, ''])
  }
  return sections
}

export function writeRecording(
  script: string,
  recording: Recording,
  { folder, server } = { folder: recordedFolder, server: `redis-server ${RECORDED_VERSION}` },
): void {
  mkdirSync(folder, { recursive: true })
  const lines = [`# What ${server} answered. Written by --record.`]
  for (const [title, answers] of recording) {
    lines.push('', `== ${title}`)
    for (const [line, shown] of answers) lines.push(line, ...(shown === '' ? [] : [`  ${shown}`]))
  }
  writeFileSync(join(folder, `${script}.txt`), `${lines.join('\n')}\n`)
}

/**
 * What Sabir has to answer: what is recorded, but for what the script says is meant to differ.
 * Null where nothing is expected: in what is newer than the recordings, when the script is silent.
 */
export function expectedOf(
  section: Section,
  version: 2 | 3,
  recording: Recording,
): readonly (readonly [line: string, shown: string | null])[] {
  const recorded = recording.get(titleOf(section, version))
  return section.steps.map(({ line, sabir }, index) => {
    const meant = sabir[version] ?? differences.get(line)?.[version]
    if (meant !== undefined) return [line, meant]
    if (section.since !== undefined) return [line, null]
    const [recordedLine, shown] = recorded?.[index] ?? []
    if (recordedLine !== line) throw new Error(`"${line}" was never recorded: --real --record`)
    return [line, shown!]
  })
}

/** The answers with those replaced that nothing is expected of. */
export function comparable(
  answers: Answers,
  expected: readonly (readonly [string, string | null])[],
): { answered: string[]; wanted: string[] } {
  const row = (line: string, shown: string): string => `${line}  →  ${shown}`
  const answered = answers.map(([line, shown], index) =>
    row(line, expected[index]?.[1] === null ? '' : shown),
  )
  return { answered, wanted: expected.map(([line, shown]) => row(line, shown ?? '')) }
}
