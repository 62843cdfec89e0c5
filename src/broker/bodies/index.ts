export type { BodyLog } from './body-log.ts'
export type { BodyReader } from './body-reader.ts'
export { inlineBodies } from './inline.ts'
export { SharedBodies } from './shared-bodies.ts'
