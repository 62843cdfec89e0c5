import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

/** How lists and streams are kept, in the words a client of Redis knows. */
const foreignEncodings: Readonly<Record<string, string>> = { list: 'quicklist', stream: 'stream' }

export function encoding({ args, db, reply }: Call): void {
  const key = args.binary(2)
  const type = db.typeOf(key)
  if (type === undefined) return reply.nothing()
  reply.text(db.value(key)?.encoding ?? foreignEncodings[type] ?? type)
}

export function referenceCount({ args, db, reply }: Call): void {
  if (db.has(args.binary(2))) reply.integer(1)
  else reply.nothing()
}

/** In seconds. */
export function idleTime({ args, db, now, reply }: Call): void {
  const key = args.binary(2)
  const usedAt = db.usedAt(key)
  const type = db.typeOf(key)
  if (type === undefined) return reply.nothing()
  if (usedAt === undefined) return reply.integer(0)
  db.setUsedAt(key, usedAt) // Asking is not using.
  reply.integer(Math.floor(Math.max(0, now - usedAt) / 1000))
}

export function frequency({ args, db, reply }: Call): void {
  if (!db.has(args.binary(2))) return reply.nothing()
  throw new ReplyError(
    'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note ' +
      'that when switching between policies at runtime LRU and LFU data will take some time to ' +
      'adjust.',
  )
}
