export { type Wait, type Waiter, Waiters } from './waiters.ts'
