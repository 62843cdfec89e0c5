import { formatDouble } from '../../../../lib/float-text.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Point } from './cells.ts'

const DECIMALS = 17

/** RESP2 has 17 decimals, as Redis had them before 8; nobody's coordinates are that exact. */
export function writePoint(reply: ReplyWriter, { longitude, latitude }: Point): void {
  reply.array(2)
  for (const degrees of [longitude, latitude]) {
    if (reply.version === 3) reply.double(degrees)
    else reply.binary(decimals(degrees))
  }
}

function decimals(value: number): string {
  const text = value.toFixed(DECIMALS)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : formatDouble(value)
}
