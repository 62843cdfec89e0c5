import { assert } from '../../lib/assert.ts'
import type { CommonProperties, CommonValue } from '../../message/common.ts'
import type { Mappings } from '../../message/mapping.ts'
import type { Publication } from '../../message/publication.ts'
import type { Destination, ExchangeState } from './state.ts'

/**
 * One message, or only an address, on its way through exchanges: what is known of it, and where it
 * came so far. Walks are used again and again; what one found is valid until it is given back.
 */
export class Walk {
  readonly #mappings: Mappings
  /** The routing key and its copies, `keyCount` of them. */
  readonly keys: string[] = []
  keyCount = 0
  /** Null: where does the address lead? Then nothing that looks at messages is asked. */
  publication: Publication | null = null
  /** Queues and topics it came to, `count` of them, each once. */
  readonly destinations: Destination[] = []
  count = 0
  /** Exchanges it came to, each once. */
  readonly exchanges: ExchangeState[] = []
  exchangeCount = 0
  /** False once an exchange looks at more than the address. */
  isStatic = true
  /** It came to an exchange that lets messages wait, if they want to. */
  mayDelay = false
  /** Where this message is to wait. */
  delaying: ExchangeState[] = []
  /** Bindings of the exchange that is being asked that match. */
  matched = 0
  mark = 0
  #common: CommonProperties | null = null

  constructor(mappings: Mappings) {
    this.#mappings = mappings
  }

  begin(mark: number, publication: Publication | null): void {
    this.mark = mark
    this.publication = publication
    this.keyCount = 0
    this.count = 0
    this.exchangeCount = 0
    this.isStatic = true
    this.mayDelay = false
    if (this.delaying.length > 0) this.delaying = []
    this.#common = null
  }

  addKey(key: string): void {
    for (let index = 0; index < this.keyCount; index++) if (this.keys[index] === key) return
    this.keys[this.keyCount++] = key
  }

  /** A binding matches. */
  reach(destination: Destination): void {
    this.matched++
    if (destination.mark === this.mark) return
    destination.mark = this.mark
    if (destination.exchange === null) this.destinations[this.count++] = destination
    else this.enter(destination.exchange)
  }

  enter(exchange: ExchangeState): void {
    if (exchange.mark === this.mark) return
    exchange.mark = this.mark
    this.exchanges[this.exchangeCount++] = exchange
  }

  /** Read when the first exchange asks for it. Empty properties are read as well. */
  get common(): CommonProperties {
    if (this.#common !== null) return this.#common
    assert(this.publication !== null, 'only exchanges that look at messages ask for properties')
    const { origin, properties, propertiesStart, propertiesEnd } = this.publication
    const bytes = properties.subarray(propertiesStart, propertiesEnd)
    this.#common = this.#mappings.of(origin).toCommon(bytes)
    return this.#common
  }

  get headers(): ReadonlyMap<string, CommonValue> {
    return this.common.headers
  }
}
