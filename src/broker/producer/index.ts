export type { AppendFlaw, AppendFlawKind, AppendOutcome, RecordFlaw } from './append-flaw.ts'
export { Appender } from './appender.ts'
export { Producers } from './producers.ts'
export type { Sequenced, SequenceVerdict, SequenceWindow } from './sequence-window.ts'
