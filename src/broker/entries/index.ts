export type { EntryView, Span, Words } from './entry.ts'
export * from './entry-id.ts'
export type * from './port.ts'
export { EntryStreams, type EntryListener } from './entry-streams.ts'
