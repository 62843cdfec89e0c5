import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { notesOf } from '../../../amqp091/programs/program.ts'
import { buildFolder, run } from '../../../build.ts'
import type { Program } from '../../program.ts'

const here = import.meta.dirname
const folder = (): string => buildFolder('disque-npm')

/** Clients that nobody keeps any more are not among the project's own dependencies. */
async function install(): Promise<void> {
  const installed = join(folder(), 'node_modules/.package-lock.json')
  const [wanted, known] = [join(here, 'package.json'), join(folder(), 'package.json')]
  const isInstalled =
    existsSync(installed) && existsSync(known) && readFileSync(known).equals(readFileSync(wanted))
  copyFileSync(wanted, known)
  if (isInstalled) return
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder() })
}

function script(name: string, file: string): Program {
  return {
    name,
    prepare: install,
    run: async ({ address, note, restart }) => {
      const program = join(folder(), file)
      copyFileSync(join(here, file), program)
      const restarts: Promise<void>[] = []
      await notesOf([process.execPath, program, address], (label, value) => {
        if (label === 'restart') restarts.push(restart())
        else note(label, value)
      })
      await Promise.all(restarts)
    },
  }
}

export const npmPrograms: readonly Program[] = [
  script('thunk-disque', 'thunk-disque.js'),
  script('disqueue-node', 'disqueue-node.js'),
]
