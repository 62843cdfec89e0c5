export type { Partition, Topic, TopicSettings, Uuid } from './topic.ts'
export { ZERO_UUID } from './topic-ids.ts'
export { Topics, type TopicSpec } from './topics.ts'
