export { Records, type Sought } from './records.ts'
