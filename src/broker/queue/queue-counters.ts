/** Since the broker started, for lists. */
export type QueueCounters = {
  published: number
  delivered: number
  /** Of those, settled as they were handed out. */
  autoAccepted: number
  redelivered: number
  accepted: number
  requeued: number
  died: number
}

export const queueCounters = (): QueueCounters => ({
  published: 0,
  delivered: 0,
  autoAccepted: 0,
  redelivered: 0,
  accepted: 0,
  requeued: 0,
  died: 0,
})
