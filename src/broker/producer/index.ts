export { Producers } from './producers.ts'
export type { Sequenced, SequenceVerdict, SequenceWindow } from './sequence-window.ts'
