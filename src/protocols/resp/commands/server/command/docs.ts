import type { CommandEntry } from '../../../command-table.ts'
import type { Call } from '../../../command.ts'

/** One command in words, as COMMAND DOCS says it. */
export function writeDocs(reply: Call['reply'], { command, children }: CommandEntry): void {
  reply.map(children.length === 0 ? 3 : 4)
  reply.text('summary')
  reply.text(command.summary)
  reply.text('since')
  reply.text(command.since)
  reply.text('group')
  reply.text(command.group)
  if (children.length === 0) return
  reply.text('subcommands')
  reply.map(children.length)
  for (const child of children) {
    reply.text(child.name)
    writeDocs(reply, child)
  }
}
