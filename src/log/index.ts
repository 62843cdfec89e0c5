export { type FileStoreOptions, openFileStore } from './file-store.ts'
export { type MemoryStoreOptions, openMemoryStore } from './memory-store.ts'
export * from './store.ts'
