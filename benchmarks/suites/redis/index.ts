export { redisAlwaysSuite } from './always.ts'
export { redisBacklogSuite } from './backlog.ts'
export { redisEverysecSuite } from './everysec.ts'
