import type { Api } from './dsl.ts'
import * as cluster from './cluster/index.ts'
import * as config from './config/index.ts'
import * as data from './data/index.ts'
import * as group from './group/index.ts'
import * as security from './security/index.ts'
import * as share from './share/index.ts'
import * as topic from './topic/index.ts'
import * as transaction from './transaction/index.ts'

export * from './cluster/index.ts'
export * from './config/index.ts'
export * from './data/index.ts'
export * from './group/index.ts'
export * from './security/index.ts'
export * from './share/index.ts'
export * from './topic/index.ts'
export * from './transaction/index.ts'
export { isFlexible, ZERO_UUID } from './dsl.ts'
export type {
  Api,
  DraftOf,
  Fields,
  RequestDraft,
  RequestOf,
  ResponseDraft,
  ResponseOf,
  ShapeOf,
} from './dsl.ts'
export { requestCodec, responseCodec } from './codecs.ts'
export type { Codec } from './compile.ts'
export type { Records } from './wire.ts'

const families = [data, group, cluster, topic, config, security, transaction, share]

/** Every API we have tables of, whether a handler serves it or not. */
export const apis: readonly Api[] = families
  .flatMap(family => Object.values(family) as Api[])
  .toSorted((one, other) => one.key - other.key)

const byKey = new Map(apis.map(api => [api.key, api]))

export function apiOf(key: number): Api | undefined {
  return byKey.get(key)
}
