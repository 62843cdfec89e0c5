import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

/** Takes one line of a script and says what came of it. */
export type Actor = (line: string) => readonly string[]

/**
 * Plays every script of a folder. A script is blocks of commands, each followed by `----` and by
 * what must come of them; `#` begins a comment. UPDATE=1 writes what came instead of comparing.
 */
export function playScripts(folder: string, newActor: () => Actor): void {
  for (const file of readdirSync(folder).filter(name => name.endsWith('.txt'))) {
    const path = join(folder, file)
    test(`script: ${basename(folder)}/${basename(file, '.txt')}`, () => {
      const text = readFileSync(path, 'utf8')
      const played = play(text, newActor())
      if (process.env['UPDATE'] === '1') writeFileSync(path, played)
      else expect(played).toBe(text)
    })
  }
}

function play(text: string, act: Actor): string {
  return text
    .trimEnd()
    .split('\n\n')
    .map(block => {
      const commands = block.split('\n----')[0]!.split('\n')
      const spoken = commands.filter(line => line !== '' && !line.startsWith('#'))
      if (spoken.length === 0) return block
      const outcome = spoken.flatMap(line => act(line))
      return [...commands, '----', ...outcome].join('\n')
    })
    .join('\n\n')
    .concat('\n')
}
