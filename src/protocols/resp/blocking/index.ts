export { Blocking } from './blocking.ts'
export { type Party, Waiter } from './waiter.ts'
