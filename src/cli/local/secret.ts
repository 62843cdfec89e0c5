import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** One line from stdin; typed on a terminal, nobody sees it. Empty when there is none. */
export async function readSecret(): Promise<string> {
  const isTerminal = process.stdin.isTTY === true
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isTerminal })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
  }
}
