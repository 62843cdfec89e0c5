import type { Queue } from '../broker/queue/queue.ts'

/** Queues have no process of their own; scripts expect something of this form. */
export const queuePid = ({ id }: Queue): string => `<sabir@localhost.2.${id}.0>`

/** What RabbitMQ calls a node. There is one. */
export const NODE = 'sabir@localhost'
