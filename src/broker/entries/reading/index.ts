export { IdIndex } from './id-index.ts'
export { countOn, find, range, show, showOne } from './range.ts'
export { type EntryWalk, idBehind, type Walked } from './walk.ts'
export { Walks } from './walks.ts'
