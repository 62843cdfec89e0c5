export { Transaction } from './transaction.ts'
export { Watched } from './watched.ts'
