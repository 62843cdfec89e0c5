import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildFolder, run } from './build.ts'

/** What a pom names, fetched once and again when it has changed. */
export class Jars {
  readonly #folder: string
  readonly #pom: string
  #fetching: Promise<void> | null = null

  constructor(name: string, pom: string) {
    this.#folder = buildFolder(name)
    this.#pom = pom
  }

  get folder(): string {
    return join(this.#folder, 'jars')
  }

  /** What to start a program with, before its class. */
  get command(): string[] {
    const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m']
    return ['java', ...options, '-cp', `${this.folder}/*:${join(this.#folder, 'classes')}`]
  }

  fetch(): Promise<void> {
    this.#fetching ??= this.#fetch()
    return this.#fetching
  }

  /** Compiles files, named by their paths, against what was fetched. */
  async compile(sources: readonly string[]): Promise<void> {
    await this.fetch()
    const classes = join(this.#folder, 'classes')
    mkdirSync(classes, { recursive: true })
    const options = ['-nowarn', '-parameters', '-cp', `${this.folder}/*`, '-d', classes]
    await run('javac', [...options, ...sources])
  }

  async #fetch(): Promise<void> {
    if (existsSync(this.folder) && statSync(this.folder).mtimeMs > statSync(this.#pom).mtimeMs)
      return
    await run('mvn', [
      ...['--quiet', '--batch-mode', '--file', this.#pom, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${this.folder}`],
    ])
  }
}
