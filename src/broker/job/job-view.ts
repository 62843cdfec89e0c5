import { decodeJobProperties } from '../../message/job-properties.ts'
import { origins } from '../../message/origin.ts'
import type { StoredMessage } from '../../message/stored-message.ts'

/** Of jobs that were published with another protocol, in seconds. */
const RETRY_DEFAULT = 300
const TTL_DEFAULT = 86_400

/** One job, looked at. One object is used for all: valid until the next call. */
export class JobView {
  id = ''
  queue = ''
  body: Buffer = Buffer.alloc(0)
  bodyStart = 0
  bodyEnd = 0
  /** In seconds. */
  retry = 0
  ttl = 0
  delay = 0
  /** Milliseconds since 1970. */
  createdAt = 0
  /** `wait-repl` is a state no job here is ever in. */
  state: StateOfJob = 'queued'
  nacks = 0
  additionalDeliveries = 0
  /** Milliseconds since 1970 when it goes back to its queue; null: not by itself. */
  requeueAt: number | null = null

  /** For who keeps it: with a body of its own. */
  copy(): JobView {
    const copy = Object.assign(new JobView(), this)
    copy.body = Buffer.from(this.body.subarray(this.bodyStart, this.bodyEnd))
    copy.bodyStart = 0
    copy.bodyEnd = copy.body.length
    return copy
  }

  /** What its sender said; a message of another protocol has a life of its own. */
  read(message: StoredMessage): void {
    const { bytes, propertiesStart, propertiesEnd } = message
    const isJob = message.origin === origins.disque
    const known = isJob ? decodeJobProperties(bytes, propertiesStart, propertiesEnd) : undefined
    this.body = message.body
    this.bodyStart = message.bodyStart
    this.bodyEnd = message.bodyEnd
    this.retry = known?.retry ?? RETRY_DEFAULT
    this.ttl = known?.ttl ?? (message.ttlMs < 0 ? TTL_DEFAULT : Math.ceil(message.ttlMs / 1000))
    this.delay = known?.delay ?? 0
    this.createdAt = known?.createdAt ?? message.timestamp
  }
}

/** As SHOW and JSCAN name them. */
export const jobStates = ['wait-repl', 'active', 'queued', 'acked'] as const
export type StateOfJob = (typeof jobStates)[number]
