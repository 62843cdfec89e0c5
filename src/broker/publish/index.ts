export { DeadLetters } from './dead-letters.ts'
export {
  MessagePublisher,
  type PublisherPorts,
  type SchedulePort,
} from './message-publisher.ts'
export { Packers } from './packers.ts'
export { partitionFor } from './partition-choice.ts'
export { type Publisher, published } from './publisher.ts'
export type { Target } from './target.ts'
export { propertiesOf, type TracedDelivery, Tracing } from './tracing.ts'
