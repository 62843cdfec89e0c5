export { Records } from './records.ts'
