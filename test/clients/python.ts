import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildFolder, run } from './build.ts'

/** A virtual environment, made once and again when the list of its packages has changed. */
export class PythonEnvironment {
  readonly #folder: string
  readonly #requirements: string
  #installing: Promise<void> | null = null

  /** `requirements` is the path of a list as pip reads it. */
  constructor(name: string, requirements: string) {
    this.#folder = buildFolder(name)
    this.#requirements = requirements
  }

  /** The path of a program in it, such as `python`. */
  program(name: string): string {
    return join(this.#folder, 'venv/bin', name)
  }

  prepare(): Promise<void> {
    this.#installing ??= this.#install()
    return this.#installing
  }

  async #install(): Promise<void> {
    const installed = join(this.#folder, 'requirements.txt')
    const wanted = readFileSync(this.#requirements)
    if (existsSync(installed) && readFileSync(installed).equals(wanted)) return
    await run('python3', ['-m', 'venv', join(this.#folder, 'venv')])
    const install = ['-m', 'pip', 'install', '--quiet', '--requirement', this.#requirements]
    await run(this.program('python'), install)
    copyFileSync(this.#requirements, installed)
  }
}
