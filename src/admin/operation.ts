import type * as z from 'zod'
import type { Broker } from '../broker/broker.ts'

/** What operations may use: the broker, and the process around it. */
export type AdminContext = {
  readonly broker: Broker
  readonly process: ProcessControl
}

export interface ProcessControl {
  /** Connections are ended and none are taken; what is stored stays open. */
  suspend(): Promise<void>
  resume(): Promise<void>
  readonly isSuspended: boolean
  /** Ends the process gracefully, after the answer went out. */
  stop(): void
  /** What the operator is told about the process: versions, listeners, folders, memory. */
  describe(): Readonly<Record<string, unknown>>
}

/** One thing an operator can ask for. Arguments and results are JSON. */
export type Operation = {
  readonly name: string
  readonly args: z.ZodType
  /** Throws BrokerError for what cannot be done, in words for people. */
  readonly run: (context: AdminContext, args: never) => unknown
}

export function operation<Args extends z.ZodType>(
  name: string,
  args: Args,
  run: (context: AdminContext, args: z.output<Args>) => unknown,
): Operation {
  return { name, args, run }
}
