import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { environment } from '../../drivers/python/driver.ts'
import { notesOf, type Program } from '../program.ts'

/** A worker with results over RPC, retries, delays, chains and groups. */
export const celery: Program = {
  name: 'celery',
  prepare: () => environment.prepare(),
  run: async (address, note) => {
    const folder = mkdtempSync(join(tmpdir(), 'sabir-celery-'))
    const log = join(folder, 'worker.log')
    const url = `amqp://guest:guest@${address}//`
    const python = { PYTHONDONTWRITEBYTECODE: '1', C_FORCE_ROOT: '1' }
    const env = { ...python, BROKER: url, WORKER_LOG: log }
    try {
      const script = join(import.meta.dirname, 'run.py')
      await notesOf([environment.program('python'), script], note, env)
    } catch (error) {
      throw new Error(`${String(error)}\n${readFileSync(log, 'utf8').slice(-3000)}`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
