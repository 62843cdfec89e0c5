import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { integerAt, numberAt } from '../../numbers.ts'

/** There are none: whoever waits for replicas waits in vain. */
const REPLICAS = 0

/** WAIT replicas timeout */
export function wait(call: Call): void {
  const wanted = numberAt(call.args, 1)
  const timeoutMs = timeoutAt(call, 2)
  const answer = (reply: ReplyWriter): void => reply.integer(REPLICAS)
  if (wanted <= REPLICAS || !call.mayBlock) return answer(call.reply)
  call.suspend({ timeoutMs, timedOut: answer })
}

/** WAITAOF local replicas timeout: `local` is about the disk of this broker, 0 or 1. */
export function waitForDisk(call: Call): void {
  const { args, services } = call
  const local = integerAt(args, 1)
  if (local < 0 || local > 1) {
    throw new ReplyError('ERR value is out of range, value must between 0 and 1')
  }
  const wanted = integerAt(args, 2)
  if (wanted < 0) throw new ReplyError('ERR value is out of range, must be positive')
  const timeoutMs = timeoutAt(call, 3)
  const { runtime, turn } = services.broker
  let isSynced = false // Until the store has said so.
  const answer = (reply: ReplyWriter): void => {
    reply.array(2)
    reply.integer(isSynced ? 1 : 0)
    reply.integer(REPLICAS)
  }
  if ((local === 0 && wanted <= REPLICAS) || !call.mayBlock) return answer(call.reply)
  turn.flush() // What was pushed or added in this turn is to be waited for, too.
  const resume = call.suspend({ timeoutMs, timedOut: answer })
  runtime.store.whenConfirmed('sync', refusal => {
    isSynced = refusal === null
    if (isSynced && wanted <= REPLICAS) resume(answer)
  })
}

function timeoutAt({ args }: Call, index: number): number {
  const value = args.count > index ? integerOr(args, index) : 0
  if (value < 0) throw new ReplyError('ERR timeout is negative')
  return value
}

function integerOr(args: Call['args'], index: number): number {
  try {
    return numberAt(args, index)
  } catch {
    throw new ReplyError('ERR timeout is not an integer or out of range')
  }
}
