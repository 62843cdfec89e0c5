import type { Arguments } from '../../../lib/resp/index.ts'
import type { CommandEntry } from '../command-table.ts'

type Queued = { readonly entry: CommandEntry; readonly args: Arguments }

/** Commands between MULTI and EXEC. */
export class Transaction {
  readonly commands: Queued[] = []
  /** Of all words together. */
  sizeBytes = 0
  /** A command was refused: EXEC will be, too. */
  isFlawed = false
  mayChange = false
  isWrite = false
  isDenyOom = false

  add(entry: CommandEntry, args: Arguments): void {
    const copy = args.copy()
    this.commands.push({ entry, args: copy })
    this.sizeBytes += copy.bytes.length
    this.mayChange ||= entry.isReplicated
    this.isWrite ||= entry.isWrite
    this.isDenyOom ||= entry.isDenyOom
  }
}
