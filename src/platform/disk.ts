/** Files and folders. Paths are absolute. Every failure is a `DiskError`. */
export interface Disk {
  /** `create` fails when the file is there, `write` and `read` when it is not. */
  open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile>
  /** Names in a folder, sorted; empty when there is no such folder. */
  list(folder: string): Promise<string[]>
  /** Makes the folder and those above it. No error when it is there. */
  makeFolder(path: string): Promise<void>
  /** Replaces the target in one step. Survives a crash only after `syncFolder`. */
  rename(from: string, to: string): Promise<void>
  /** No error when it is not there. */
  remove(path: string): Promise<void>
  /** Returns once names made, renamed or removed in the folder survive a power cut. */
  syncFolder(path: string): Promise<void>
  /**
   * A part of a file at once, while the whole process waits: for those who cannot answer later.
   * Fewer bytes only at the end of the file.
   */
  readNow(path: string, position: number, length: number): Buffer
  /** Room left where the folder is, in bytes. */
  freeBytes(folder: string): Promise<number>
  /**
   * Keeps every other process out of the folder until released or until this process is gone,
   * however it ended. Throws `DiskError` of kind `locked`, naming the holder, when it is taken.
   */
  lock(folder: string): Promise<FolderLock>
}

export interface FolderLock {
  release(): Promise<void>
}

export interface DiskFile {
  readonly sizeBytes: number
  /** Writes all the bytes, one after the other, from `position` on, or throws. */
  write(buffers: readonly Uint8Array[], position: number): Promise<void>
  /**
   * Writes all the bytes at once, while the whole process waits; with `isSynced` until they, and
   * everything written before the call, survive a power cut.
   */
  writeNow(buffers: readonly Uint8Array[], position: number, isSynced: boolean): void
  /**
   * At most `length` bytes from `position`; fewer only at the end of the file. They may lie in
   * `into`, which is at least as long then, or in a new buffer.
   */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>
  /** Returns once everything written before the call survives a power cut (fdatasync). */
  sync(): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  close(): Promise<void>
}

/** `full`: no room (ENOSPC, EDQUOT). `io`: the device failed. `refused`: permissions. */
export type DiskErrorKind = 'full' | 'io' | 'missing' | 'exists' | 'locked' | 'refused'

export class DiskError extends Error {
  override readonly name = 'DiskError'
  readonly kind: DiskErrorKind
  readonly path: string

  constructor(kind: DiskErrorKind, path: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.path = path
  }
}
