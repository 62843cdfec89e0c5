export type { Database } from './database.ts'
export type { KeyType, Value, ValueFactory, ValueKind } from './value.ts'
