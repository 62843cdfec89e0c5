export * from './disk.ts'
export { nodePlatform } from './node-platform.ts'
export type * from './platform.ts'
export { seededRandom } from './seeded-random.ts'
