import pc from 'picocolors'

/** Where a command writes: people get tables, scripts plain columns or, with --json, JSON. */
export class Output {
  readonly isJson: boolean
  readonly isTerminal: boolean
  readonly #stream: NodeJS.WriteStream

  constructor(isJson: boolean, stream: NodeJS.WriteStream = process.stdout) {
    this.isJson = isJson
    this.isTerminal = stream.isTTY === true
    this.#stream = stream
  }

  /** Whole text, newline included. Waits while the reader is slow. */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.#stream.write(text)) return
    await new Promise<void>(resolve => {
      this.#stream.once('drain', resolve)
    })
  }

  json(value: unknown): Promise<void> {
    return this.write(`${JSON.stringify(value)}\n`)
  }

  /** A sentence for people; nothing with --json, where `value` says the same. */
  said(text: string, value: object): Promise<void> {
    return this.isJson ? this.json(value) : this.write(`${text}\n`)
  }

  /** Rows of equal shape. The keys of `columns` are looked up in each row; their values head. */
  async table<Row extends Readonly<Record<string, unknown>>>(
    columns: Readonly<Record<string, string>>,
    rows: readonly Row[],
  ): Promise<void> {
    if (this.isJson) return this.json(rows)
    const heads = Object.values(columns)
    const cells = rows.map(row => Object.keys(columns).map(key => show(row[key])))
    if (this.isTerminal) return this.write(`${await drawn(heads, cells)}\n`)
    return this.write(aligned(heads, cells))
  }
}

/** Columns with two spaces between: easy for eyes, awk and column. */
function aligned(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, ...rows]
  const widths = heads.map((_, index) => Math.max(...lines.map(line => line[index]!.length)))
  const draw = (line: readonly string[]): string =>
    line
      .map((cell, index) => cell.padEnd(widths[index]!))
      .join('  ')
      .trimEnd()
  return lines.map(line => `${draw(line)}\n`).join('')
}

async function drawn(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    head: heads.map(head => pc.bold(head)),
    style: { head: [], border: ['gray'] },
  })
  table.push(...rows.map(row => [...row]))
  return table.toString()
}

function show(value: unknown): string {
  if (value === null || value === undefined) return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
