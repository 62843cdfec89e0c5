export { SetValue, type SetEncoding, writeAdded, writeRemoved } from './set-value.ts'
