import { type Disk, DiskError, type DiskFile, type FolderLock } from '../../src/platform/disk.ts'
import type { Random } from '../../src/platform/platform.ts'
import type { SimulatedTime } from './world.ts'

const SECTOR_BYTES = 512

export type Faults = {
  /** Chances, from 0 to 1, of one write or sync failing. */
  writeFails: number
  syncFails: number
  /** All files together; null: as much as they like. */
  roomBytes: number | null
}

type Write = { readonly position: number; readonly bytes: Buffer }

type NameChange = {
  readonly folder: string
  readonly apply: (names: Map<string, Inode>) => void
}

/** What a file is: the bytes a reader sees, and which of them are not on the platter yet. */
class Inode {
  content: Buffer = Buffer.alloc(0)
  durable: Buffer = Buffer.alloc(0)
  unsynced: Write[] = []

  write(position: number, bytes: Buffer): void {
    const end = position + bytes.length
    if (end > this.content.length) this.resize(end)
    bytes.copy(this.content, position)
    this.unsynced.push({ position, bytes })
  }

  resize(sizeBytes: number): void {
    const grown = Buffer.alloc(sizeBytes)
    this.content.copy(grown)
    this.content = grown
  }

  sync(): void {
    this.durable = Buffer.from(this.content)
    this.unsynced = []
  }

  /** Any of the unsynced sectors may have made it, in any order; the others did not. */
  crash(random: Random): void {
    const survived = Buffer.alloc(Math.max(this.durable.length, this.content.length))
    this.durable.copy(survived)
    let end = this.durable.length
    const isAllOrNothing = random.next() < 0.3
    const allChance = random.next() < 0.5 ? 1 : 0
    for (const { position, bytes } of this.unsynced) {
      for (let from = 0; from < bytes.length; ) {
        const to = Math.min(bytes.length, from + SECTOR_BYTES - ((position + from) % SECTOR_BYTES))
        if (random.next() < (isAllOrNothing ? allChance : 0.6)) {
          bytes.copy(survived, position + from, from, to)
          end = Math.max(end, position + to)
        }
        from = to
      }
    }
    this.content = Buffer.from(survived.subarray(0, end))
    this.sync()
  }
}

/** The process that used the disk is gone: what it still waits for never comes. */
const NEVER = new Promise<never>(() => {})

/**
 * A disk that lies the way real ones do. Unsynced sectors may be lost or kept, one by one; names
 * made or changed are lost without `syncFolder`; a failed sync drops what it should have written.
 * Every operation takes simulated time, so that work overlaps and a power cut may fall between.
 */
export class SimulatedDisk implements Disk {
  readonly faults: Faults = { writeFails: 0, syncFails: 0, roomBytes: null }
  readonly trace: string[] = []
  /** A failed sync lost what was handed to the system before. */
  onLost: () => void = () => {}
  readonly #time: SimulatedTime
  readonly #random: Random
  #names = new Map<string, Inode>()
  readonly #durableNames = new Map<string, Inode>()
  #unsyncedNames: NameChange[] = []
  readonly #folders = new Set<string>()
  readonly #locks = new Set<string>()
  /** Of the process that runs; its operations end with it. */
  #life = 0

  constructor(time: SimulatedTime, random: Random) {
    this.#time = time
    this.#random = random
  }

  /** The power fails. What was not synced is left to chance. */
  cutPower(): void {
    this.#life++
    this.#locks.clear()
    // A file system journals its names in order: some of the last changes may be lost.
    const kept = Math.floor(this.#random.next() * (this.#unsyncedNames.length + 1))
    for (const change of this.#unsyncedNames.slice(0, kept)) change.apply(this.#durableNames)
    this.#unsyncedNames = []
    this.#names = new Map(this.#durableNames)
    for (const inode of new Set(this.#names.values())) inode.crash(this.#random)
    this.#note('power cut')
  }

  /** The process dies; the system goes on, and with it all that was handed to it. */
  kill(): void {
    this.#life++
    this.#locks.clear()
    this.#note('killed')
  }

  /** For tests that damage what lies there. */
  bytesOf(path: string): Buffer {
    return this.#inode(path).content
  }

  paths(): string[] {
    return [...this.#names.keys()].sort()
  }

  usedBytes(): number {
    let bytes = 0
    for (const inode of this.#names.values()) bytes += inode.content.length
    return bytes
  }

  async open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile> {
    await this.#step(`open ${path}`)
    const found = this.#names.get(path)
    if (mode !== 'create' && found === undefined) throw this.#error('missing', path)
    if (mode === 'create' && found !== undefined) throw this.#error('exists', path)
    const inode = found ?? new Inode()
    if (found === undefined) this.#rename(path, names => names.set(path, inode))
    return this.#fileOf(inode, path)
  }

  async list(folder: string): Promise<string[]> {
    await this.#step('list')
    const prefix = `${folder}/`
    return this.paths()
      .filter(path => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map(path => path.slice(prefix.length))
  }

  async makeFolder(path: string): Promise<void> {
    await this.#step('make folder')
    this.#folders.add(path)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step(`rename ${from} ${to}`)
    const inode = this.#inode(from)
    this.#rename(from, names => {
      names.delete(from)
      names.set(to, inode)
    })
  }

  async remove(path: string): Promise<void> {
    await this.#step(`remove ${path}`)
    if (this.#names.has(path)) this.#rename(path, names => names.delete(path))
  }

  async syncFolder(path: string): Promise<void> {
    await this.#step(`sync folder ${path}`)
    const isHere = (change: NameChange): boolean => change.folder === path
    for (const change of this.#unsyncedNames.filter(isHere)) change.apply(this.#durableNames)
    this.#unsyncedNames = this.#unsyncedNames.filter(change => !isHere(change))
  }

  readNow(path: string, position: number, length: number): Buffer {
    return Buffer.from(this.#inode(path).content.subarray(position, position + length))
  }

  async freeBytes(): Promise<number> {
    await this.#step('free bytes')
    return this.#freeBytes()
  }

  async lock(folder: string): Promise<FolderLock> {
    await this.#step('lock')
    if (this.#locks.has(folder)) throw this.#error('locked', folder)
    this.#locks.add(folder)
    return { release: () => Promise.resolve(void this.#locks.delete(folder)) }
  }

  #fileOf(inode: Inode, path: string): DiskFile {
    return {
      get sizeBytes() {
        return inode.content.length
      },
      write: (buffers, position) => this.#write(inode, path, buffers, position),
      writeNow: (buffers, position, isSynced) => {
        this.#writeNow(inode, path, buffers, position)
        if (isSynced) this.#bringDown(inode, path)
      },
      read: async (position, length, into = Buffer.allocUnsafe(length)) => {
        await this.#step(null)
        const found = inode.content.subarray(position, position + length)
        into.set(found)
        return into.subarray(0, found.length)
      },
      sync: () => this.#sync(inode, path),
      truncate: async sizeBytes => {
        await this.#step(`truncate ${path}`)
        inode.resize(sizeBytes)
      },
      close: () => Promise.resolve(),
    }
  }

  async #write(
    inode: Inode,
    path: string,
    buffers: readonly Uint8Array[],
    position: number,
  ): Promise<void> {
    // Copied when the call is made and applied before it is answered: a cut may fall between.
    const bytes = Buffer.concat(buffers)
    await this.#step(`write ${path} ${position} ${bytes.length}`, () =>
      this.#takeIn(inode, path, bytes, position),
    )
  }

  /** Often slow, so that whoever asks changes between this and two calls. */
  #writeNow(inode: Inode, path: string, buffers: readonly Uint8Array[], position: number): void {
    const bytes = Buffer.concat(buffers)
    if (this.#random.next() < 0.3) this.#time.stall(this.#random.next() * 10)
    this.#note(`write now ${path} ${position} ${bytes.length}`)
    this.#takeIn(inode, path, bytes, position)
  }

  #takeIn(inode: Inode, path: string, bytes: Buffer, position: number): void {
    const grownBytes = Math.max(0, position + bytes.length - inode.content.length)
    if (grownBytes > this.#freeBytes()) throw this.#error('full', path)
    const isFailing = this.#random.next() < this.faults.writeFails
    const isPartly = isFailing && this.#random.next() < 0.5
    if (!isFailing) inode.write(position, bytes)
    else if (isPartly) inode.write(position, bytes.subarray(0, bytes.length >> 1))
    if (isFailing) throw this.#error('io', path)
  }

  async #sync(inode: Inode, path: string): Promise<void> {
    await this.#step(`sync ${path}`, () => this.#bringDown(inode, path))
  }

  #bringDown(inode: Inode, path: string): void {
    if (this.#random.next() >= this.faults.syncFails) return inode.sync()
    inode.crash(this.#random) // The system forgets what it could not write.
    this.onLost()
    throw this.#error('io', path)
  }

  /** Takes some time, then acts, then takes some more: unless the process is gone by then. */
  async #step(what: string | null, act: () => void = () => {}): Promise<void> {
    const life = this.#life
    await this.#pause()
    if (life !== this.#life) return NEVER
    if (what !== null) this.#note(what)
    act()
    await this.#pause()
    if (life !== this.#life) return NEVER
  }

  #pause(): Promise<void> {
    return new Promise(resolve => {
      this.#time.after(this.#random.next() < 0.7 ? 0 : this.#random.next() * 3, resolve)
    })
  }

  #rename(path: string, apply: NameChange['apply']): void {
    apply(this.#names)
    this.#unsyncedNames.push({ folder: path.slice(0, path.lastIndexOf('/')), apply })
  }

  #freeBytes(): number {
    if (this.faults.roomBytes === null) return 2 ** 40
    return Math.max(0, this.faults.roomBytes - this.usedBytes())
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw this.#error('missing', path)
    return inode
  }

  #error(kind: DiskError['kind'], path: string): DiskError {
    this.#note(`${kind} ${path}`)
    return new DiskError(kind, path, `simulated: ${kind} at ${path}`)
  }

  #note(what: string): void {
    this.trace.push(`${this.#time.now} ${what}`)
  }
}
