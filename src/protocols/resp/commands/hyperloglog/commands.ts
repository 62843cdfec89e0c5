import {
  StringValue,
  writePart,
  writePieces,
  writeText,
} from '../../../../broker/keyspace/string/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { stringOf } from '../string/access.ts'
import { Registers } from './registers.ts'

/** Undefined when there is none. */
function registersOf(call: Call, key: string): Registers | undefined {
  const value = stringOf(call, key)
  if (value === undefined) return undefined
  const bytes = value.bytes()
  const registers = Registers.read(bytes)
  if (registers !== undefined) return registers
  if (Registers.isOne(bytes)) throw new ReplyError('INVALIDOBJ Corrupted HLL object detected')
  throw new ReplyError('WRONGTYPE Key is not a valid HyperLogLog string value.')
}

/** PFADD key element … */
export function add(call: Call): void {
  const { args, reply } = call
  const key = args.binary(1)
  const found = registersOf(call, key)
  const registers = found ?? new Registers()
  let isChanged = found === undefined
  for (let index = 2; index < args.count; index++)
    if (registers.add(args.view(index))) isChanged = true
  if (isChanged) {
    keep(call, key, registers)
    call.notify('$', 'pfadd', key)
  }
  reply.integer(isChanged ? 1 : 0)
}

/** PFCOUNT key … : of all of them together. */
export function count(call: Call): void {
  const { args, reply } = call
  if (args.count > 2) {
    return reply.integer(merged(call, new Registers(), 1, args.count).estimate())
  }
  const key = args.binary(1)
  const registers = registersOf(call, key)
  if (registers === undefined) return reply.integer(0)
  const known = Registers.countIn(stringOf(call, key)!.bytes())
  if (known !== null) return reply.integer(known)
  const estimate = registers.estimate()
  remember(call, key, estimate)
  reply.integer(estimate)
}

/** Counted once, it need not be counted again; unless the disk is full: reading goes on then. */
function remember({ db, services }: Call, key: string, count: number): void {
  if (services.broker.runtime.store.refusal !== null) return
  db.change(key, 'string', writer => {
    writePieces(writer)
    writePart(writer, Registers.countAt, Registers.countBytes(count))
  })
}

/** PFMERGE target key … : the target is one of them. */
export function merge(call: Call): void {
  const { args, reply } = call
  const key = args.binary(1)
  keep(call, key, merged(call, registersOf(call, key) ?? new Registers(), 2, args.count))
  call.notify('$', 'pfadd', key)
  reply.ok()
}

function merged(call: Call, into: Registers, from: number, to: number): Registers {
  for (let index = from; index < to; index++) {
    const registers = registersOf(call, call.args.binary(index))
    if (registers !== undefined) into.merge(registers)
  }
  return into
}

/** With the time to live the key has. */
function keep({ db }: Call, key: string, registers: Registers): void {
  const bytes = registers.write()
  if (db.has(key)) db.change(key, 'string', writer => writeText(writer, bytes.toString('latin1')))
  else db.put(key, StringValue.copyOf(bytes))
}
