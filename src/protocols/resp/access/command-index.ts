import type { Command } from '../command.ts'
import { type Category, categories, categoriesOf, isCategory } from './categories.ts'

/** All commands and subcommands, by number, name and category. */
export class CommandIndex {
  readonly #ids = new Map<Command, number>()
  readonly #byName = new Map<string, Command>()
  readonly #byCategory = new Map<Category, Command[]>(categories.map(name => [name, []]))

  constructor(commands: Iterable<Command>) {
    for (const command of commands)
      for (const each of [command, ...(command.subcommands ?? [])]) this.#add(each)
  }

  get count(): number {
    return this.#ids.size
  }

  idOf(command: Command): number | undefined {
    return this.#ids.get(command)
  }

  /** By `config|get`. */
  find(name: string): Command | undefined {
    return this.#byName.get(name)
  }

  ofCategory(name: string): readonly Command[] | undefined {
    return isCategory(name) ? this.#byCategory.get(name) : undefined
  }

  #add(command: Command): void {
    if (this.#ids.has(command)) return
    this.#ids.set(command, this.#ids.size)
    this.#byName.set(command.name, command)
    for (const category of categoriesOf(command)) this.#byCategory.get(category)!.push(command)
  }
}
