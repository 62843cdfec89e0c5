export { isDump, load } from './load.ts'
export { save } from './save.ts'
export type { Content } from './types.ts'
