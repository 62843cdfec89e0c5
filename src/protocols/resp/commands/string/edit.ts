import { writePart, writePieces } from '../../../../broker/keyspace/string/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { demandLength, stringOf } from './access.ts'

export function append(call: Call): void {
  const { args, reply } = call
  const key = call.key(1)
  const length = stringOf(call, key)?.length ?? 0
  const bytes = args.view(2)
  demandLength(length + bytes.length)
  writeAt(call, key, length, bytes)
  call.notify('$', 'append', key)
  reply.integer(length + bytes.length)
}

export function setRange(call: Call): void {
  const { args, reply } = call
  const offset = numberAt(args, 2)
  if (offset < 0) throw new ReplyError('ERR offset is out of range')
  const key = call.key(1)
  const length = stringOf(call, key)?.length ?? 0
  const bytes = args.view(3)
  if (bytes.length === 0) return reply.integer(length)
  demandLength(offset + bytes.length)
  writeAt(call, key, offset, bytes)
  call.notify('$', 'setrange', key)
  reply.integer(Math.max(length, offset + bytes.length))
}

function writeAt(call: Call, key: string, offset: number, bytes: Buffer): void {
  call.db.change(key, 'string', writer => {
    writePieces(writer)
    writePart(writer, offset, bytes)
  })
}
