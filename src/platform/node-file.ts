import { close, fdatasync, fdatasyncSync, ftruncate, read, writev, writevSync } from 'node:fs'
import { DiskError, type DiskErrorKind, type DiskFile } from './disk.ts'

const kinds: Readonly<Record<string, DiskErrorKind>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'full',
  ENOENT: 'missing',
  EEXIST: 'exists',
  EACCES: 'refused',
  EPERM: 'refused',
  EROFS: 'refused',
}

/** The system's error in the words of `Disk`: its code decides the kind, its text is kept. */
export function diskError(thrown: unknown, path: string, doing: string): DiskError {
  if (thrown instanceof DiskError) return thrown
  const code = (thrown as NodeJS.ErrnoException).code ?? ''
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return new DiskError(kinds[code] ?? 'io', path, `cannot ${doing} ${path}: ${text}`, {
    cause: thrown,
  })
}

/** A file of the real disk. Callbacks, not `FileHandle`: one promise and no object per call. */
export class NodeFile implements DiskFile {
  readonly #descriptor: number
  readonly #path: string
  #sizeBytes: number

  constructor(descriptor: number, path: string, sizeBytes: number) {
    this.#descriptor = descriptor
    this.#path = path
    this.#sizeBytes = sizeBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  write(buffers: readonly Uint8Array[], position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (rest: readonly Uint8Array[], at: number): void => {
        writev(this.#descriptor, rest, at, (error, writtenBytes) => {
          if (error) return reject(diskError(error, this.#path, 'write to'))
          this.#sizeBytes = Math.max(this.#sizeBytes, at + writtenBytes)
          const left = without(rest, writtenBytes)
          if (left.length === 0) return resolve()
          // The system took a part and no more: an error is due on the next call, if there is one.
          if (writtenBytes === 0) return reject(shortWrite(this.#path))
          step(left, at + writtenBytes)
        })
      }
      step(buffers, position)
    })
  }

  writeNow(buffers: readonly Uint8Array[], position: number, isSynced: boolean): void {
    let doing = 'write to'
    try {
      let at = position
      for (let rest = buffers; rest.length > 0; ) {
        const writtenBytes = writevSync(this.#descriptor, rest, at)
        at += writtenBytes
        this.#sizeBytes = Math.max(this.#sizeBytes, at)
        rest = without(rest, writtenBytes)
        if (writtenBytes === 0 && rest.length > 0) throw shortWrite(this.#path)
      }
      doing = 'sync'
      if (isSynced) fdatasyncSync(this.#descriptor)
    } catch (thrown) {
      throw diskError(thrown, this.#path, doing)
    }
  }

  read(position: number, length: number, into?: Buffer): Promise<Buffer> {
    // Slow, because what is read is often kept, and a slice of the pool would pin its neighbours.
    const target = into ?? Buffer.allocUnsafeSlow(length)
    return new Promise((resolve, reject) => {
      const step = (filledBytes: number): void => {
        if (filledBytes === length) return resolve(target.subarray(0, length))
        read(
          this.#descriptor,
          target,
          filledBytes,
          length - filledBytes,
          position + filledBytes,
          (error, readBytes) => {
            if (error) return reject(diskError(error, this.#path, 'read'))
            if (readBytes === 0) return resolve(target.subarray(0, filledBytes))
            step(filledBytes + readBytes)
          },
        )
      }
      step(0)
    })
  }

  sync(): Promise<void> {
    return this.#call('sync', done => fdatasync(this.#descriptor, done))
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.#call('truncate', done => ftruncate(this.#descriptor, sizeBytes, done))
    this.#sizeBytes = sizeBytes
  }

  close(): Promise<void> {
    return this.#call('close', done => close(this.#descriptor, done))
  }

  #call(doing: string, run: (done: (error: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      run(error => (error ? reject(diskError(error, this.#path, doing)) : resolve()))
    })
  }
}

const shortWrite = (path: string): DiskError =>
  new DiskError('full', path, `cannot write to ${path}: the system took no bytes`)

/** What is left to write once the first `count` bytes are out. */
function without(buffers: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let index = 0
  let left = count
  for (; index < buffers.length && left >= buffers[index]!.length; index++)
    left -= buffers[index]!.length
  if (index === buffers.length) return []
  const rest = buffers.slice(index)
  rest[0] = rest[0]!.subarray(left)
  return rest
}
