import type { Publication } from '../../../../message/publication.ts'
import type { Address } from './addresses.ts'

/** A message that is published later: what a `Publication` only shows is copied. */
export class KeptMessage {
  readonly address: Address
  readonly isMandatory: boolean
  readonly #bytes: Buffer
  readonly #propertyBytes: number
  readonly #copies: readonly string[] | null
  readonly #key: Buffer | null
  readonly #ttlMs: number
  readonly #priority: number
  readonly #delayMs: number
  readonly #isPersistent: boolean

  constructor(publication: Publication, address: Address, isMandatory: boolean) {
    const { properties, propertiesStart, propertiesEnd, body, bodyStart, bodyEnd } = publication
    this.address = address
    this.isMandatory = isMandatory
    this.#propertyBytes = propertiesEnd - propertiesStart
    this.#bytes = Buffer.allocUnsafeSlow(this.#propertyBytes + bodyEnd - bodyStart)
    properties.copy(this.#bytes, 0, propertiesStart, propertiesEnd)
    body.copy(this.#bytes, this.#propertyBytes, bodyStart, bodyEnd)
    this.#copies = publication.copies
    this.#key = publication.key === null ? null : Buffer.from(publication.key)
    this.#ttlMs = publication.ttlMs
    this.#priority = publication.priority
    this.#delayMs = publication.delayMs
    this.#isPersistent = publication.isPersistent
  }

  get sizeBytes(): number {
    return this.#bytes.length
  }

  /** All but the address. */
  fill(publication: Publication): void {
    publication.properties = publication.body = this.#bytes
    publication.propertiesStart = 0
    publication.propertiesEnd = publication.bodyStart = this.#propertyBytes
    publication.bodyEnd = this.#bytes.length
    publication.copies = this.#copies
    publication.key = this.#key
    publication.ttlMs = this.#ttlMs
    publication.priority = this.#priority
    publication.delayMs = this.#delayMs
    publication.isPersistent = this.#isPersistent
  }
}
