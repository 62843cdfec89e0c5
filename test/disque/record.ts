import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answers, play } from '../resp/compare/play.ts'
import { scriptsIn, titleOf, writeRecording } from '../resp/compare/recording.ts'

const PORT = 17_711
const START_MS = 1500

/** Plays all scripts on a Disque server and writes down what it answers. */
async function record(program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'disque-'))
  const server = spawn(program, ['--port', String(PORT), '--dir', folder], { stdio: 'ignore' })
  try {
    await sleep(START_MS)
    for (const { name, sections } of scriptsIn(join(import.meta.dirname, 'scripts'))) {
      const recording = new Map<string, Answers>()
      for (const section of sections) {
        const answers = await play(`127.0.0.1:${PORT}`, section, 2, ['DEBUG', 'FLUSHALL'])
        if (answers.length < section.steps.length)
          throw new Error(`${name}, ${section.name}: ${answers.at(-1)?.join(': ')}`)
        recording.set(titleOf(section, 2), answers)
      }
      const place = { folder: join(import.meta.dirname, 'recorded'), server: 'Disque 1.0-rc1' }
      writeRecording(name, recording, place)
      console.log(`recorded ${name}: ${recording.size} sections`)
    }
  } finally {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const [program] = process.argv.slice(2)
if (program === undefined) throw new Error('say where disque-server is')
await record(program)
