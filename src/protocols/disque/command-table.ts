import { type Arguments, WordTable } from '../../lib/resp/index.ts'
import type { Command } from './command.ts'

/** All commands, found by the first word of what a client sends. */
export class CommandTable {
  readonly all: readonly Command[]
  readonly #byName = new WordTable<Command>()

  constructor(commands: readonly Command[]) {
    this.all = commands
    for (const command of commands) this.#byName.set(command.name, command)
  }

  find(args: Arguments): Command | undefined {
    return this.#byName.find(args, 0)
  }
}

export function isArity({ arity }: Command, count: number): boolean {
  return arity < 0 ? count >= -arity : count === arity
}
