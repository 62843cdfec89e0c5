export { type Waiter, Waiters } from './waiters.ts'
