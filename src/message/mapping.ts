import { assert } from '../lib/assert.ts'
import type { CommonProperties } from './common.ts'
import type { Origin } from './origin.ts'

/** How one protocol's property bytes are read and written. Registered by the protocol. */
export interface Mapping {
  readonly origin: Origin
  readonly protocol: string
  /** The bytes were checked when they came in; what cannot be read all the same is left out. */
  toCommon(properties: Buffer): CommonProperties
  fromCommon(common: CommonProperties): Buffer
}

/** The mappings of the protocols that are there. */
export class Mappings {
  readonly #byOrigin = new Map<Origin, Mapping>()

  register(mapping: Mapping): void {
    this.#byOrigin.set(mapping.origin, mapping)
  }

  of(origin: Origin): Mapping {
    const mapping = this.#byOrigin.get(origin)
    assert(mapping !== undefined, `a protocol of origin ${origin} is registered`)
    return mapping
  }
}
