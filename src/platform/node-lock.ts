import { createHash } from 'node:crypto'
import { open, realpath, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { DiskError, type FolderLock } from './disk.ts'
import { diskError } from './node-file.ts'

const LOCK_NAME = 'lock.sock'
const ANSWER_MS_MAX = 1000

/**
 * Node has no file locks, but a listening socket is a lock the kernel gives back when its process
 * dies, however it dies. On Linux an abstract name decides (it cannot be left behind); the socket
 * in the folder is there for processes of other containers that share the folder.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const real = await realpath(folder).catch(thrown => {
    throw diskError(thrown, folder, 'lock')
  })
  const held: Server[] = []
  const release = async (): Promise<void> => {
    for (const server of held.reverse()) await closed(server)
  }
  try {
    for (const address of await addressesOf(real)) {
      const server = await take(address, folder)
      if (server !== null) held.push(server)
    }
  } catch (thrown) {
    await release()
    throw thrown
  }
  return { release }
}

type Address = { readonly name: string; readonly isFile: boolean; readonly isNeeded: boolean }

async function addressesOf(folder: string): Promise<Address[]> {
  const { dev, ino } = await stat(folder)
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32)
    return [{ name: `\\\\.\\pipe\\sabir-${name}`, isFile: false, isNeeded: true }]
  }
  const file = { name: join(folder, LOCK_NAME), isFile: true }
  if (process.platform !== 'linux') return [{ ...file, isNeeded: true }]
  return [
    { name: `\0sabir-${dev}-${ino}`, isFile: false, isNeeded: true },
    // Some file systems take no sockets; the abstract name holds within this machine then.
    { ...file, isNeeded: false },
  ]
}

async function take(address: Address, folder: string): Promise<Server | null> {
  const path = await shortened(address, folder)
  try {
    for (let attempts = 0; attempts < 3; attempts++) {
      const answer = await listening(path.name)
      if (answer instanceof Object && 'listen' in answer) return answer
      if (answer !== 'EADDRINUSE') {
        if (!address.isNeeded) return null
        throw new DiskError('io', folder, `cannot lock ${folder}: ${answer}`)
      }
      const holder = await holderOf(path.name)
      if (holder !== null) throw lockedError(folder, holder)
      if (address.isFile) await rm(address.name, { force: true }) // Left by a killed process.
    }
    throw lockedError(folder, 'unknown')
  } finally {
    await path.done()
  }
}

/** A socket's path has 107 bytes at most; on Linux a long one is reached through its folder. */
async function shortened(
  address: Address,
  folder: string,
): Promise<{ name: string; done: () => Promise<void> }> {
  const isLong = address.isFile && Buffer.byteLength(address.name) > 100
  if (!isLong || process.platform !== 'linux') {
    return { name: address.name, done: () => Promise.resolve() }
  }
  const handle = await open(folder, 'r')
  return { name: `/proc/self/fd/${handle.fd}/${LOCK_NAME}`, done: () => handle.close() }
}

function listening(name: string): Promise<Server | string> {
  return new Promise(resolve => {
    const server = createServer(socket => {
      socket.on('error', () => {}) // Whoever asked has gone: nothing is owed.
      socket.end(String(process.pid))
    })
    server.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
    server.listen(name, () => {
      server.unref()
      resolve(server)
    })
  })
}

/** The process number of the one that answers, 'unknown' when it is too busy, null when gone. */
function holderOf(name: string): Promise<string | null> {
  return new Promise(resolve => {
    const socket = connect(name)
    let text = ''
    let isConnected = false
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy())
    socket.on('connect', () => {
      isConnected = true
    })
    socket.on('data', bytes => {
      text += bytes.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(isConnected ? text || 'unknown' : null))
  })
}

const lockedError = (folder: string, holder: string): DiskError =>
  new DiskError(
    'locked',
    folder,
    `${folder} is in use by process ${holder}: stop that process, or choose another folder`,
  )

const closed = (server: Server): Promise<void> =>
  new Promise(resolve => server.close(() => resolve()))
