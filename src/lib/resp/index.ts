export { Arguments } from './arguments.ts'
export type { ReplyWriter } from './reply.ts'
