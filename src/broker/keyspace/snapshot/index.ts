export { isBlank, readSnapshot } from './format.ts'
export type { KeysSnapshot } from './keys-snapshot.ts'
export { KeyspaceSnapshot, type SnapshotPace, snapshotPaceDefault } from './keyspace-snapshot.ts'
