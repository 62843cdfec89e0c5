export { dropHeads } from './heads.ts'
export { Places } from './places.ts'
export { Element, type List, type Side } from './list.ts'
export { Lists } from './lists.ts'
