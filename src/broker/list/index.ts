export { Element, type List, type Side } from './list.ts'
export { Lists } from './lists.ts'
