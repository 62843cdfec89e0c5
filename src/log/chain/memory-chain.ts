import { InvariantError } from '../../lib/assert.ts'
import type { Extent } from '../internals.ts'
import type { Chain } from './chain.ts'
import type { ClosedSlot } from './forming-slot.ts'

/** A chain that ends with its process: what a slot carried lives on in the state it changed. */
export class MemoryChain implements Chain {
  #next = 0

  get closedBelow(): number {
    return this.#next
  }

  write(slot: ClosedSlot): Promise<void> {
    this.#next = slot.number + 1
    return Promise.resolve()
  }

  writeNow(slot: ClosedSlot): boolean {
    this.#next = slot.number + 1
    return true
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  moveOn(): number {
    throw new InvariantError('memory does not fail')
  }

  readBody(): Promise<Buffer> {
    throw new InvariantError('batches are read from their log')
  }

  readBodyNow(): Buffer {
    throw new InvariantError('batches are read from their log')
  }

  readSpan(): Promise<never> {
    throw new InvariantError('batches are read from their log')
  }

  footprintBytes(): number {
    return 0
  }

  extent(): Extent {
    return { bytes: 0, indexBytes: 0 }
  }

  place(): { path: string; position: number } {
    return { path: 'memory', position: 0 }
  }

  forgetBelow(): Promise<void> {
    return Promise.resolve()
  }

  makeRoom(): Promise<boolean> {
    return Promise.resolve(true)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
