import type { QueueSpec } from './queue.ts'

/** For tests: what a client declares who says nothing but a name. */
export const specOf = (name: string, change: Partial<QueueSpec> = {}): QueueSpec => ({
  namespace: '/',
  name,
  isDurable: true,
  isAutoDelete: false,
  owner: null,
  user: 'guest',
  declared: {},
  type: 'classic',
  source: null,
  ...change,
})
