import { CommandError } from './error.ts'

const LINE_BYTES_MAX = 64 * 1024 * 1024
const LF = 10
const CR = 13

/** Cuts a stream into lines, as bytes and without their ends. Any cut of the stream will do. */
export class LineSplitter {
  #pieces: Buffer[] = []
  #bytes = 0

  /** The lines that are whole now. They may share memory with `chunk`. */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let from = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      lines.push(this.#line(chunk.subarray(from, end)))
      from = end + 1
    }
    if (from < chunk.length) this.#pieces.push(chunk.subarray(from))
    this.#bytes += chunk.length - from
    if (this.#bytes > LINE_BYTES_MAX)
      throw new CommandError('failed', `a line is longer than ${LINE_BYTES_MAX} bytes`)
    return lines
  }

  /** What came after the last line's end, if anything. */
  finish(): Buffer | undefined {
    return this.#pieces.length === 0 ? undefined : this.#line(Buffer.alloc(0))
  }

  #line(last: Buffer): Buffer {
    const line = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last])
    this.#pieces = []
    this.#bytes = 0
    return line.at(-1) === CR ? line.subarray(0, -1) : line
  }
}
