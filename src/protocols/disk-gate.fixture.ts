import type { Store, StoreRefusal } from '../log/store.ts'

export const diskFull: StoreRefusal = { reason: 'disk-full', message: 'no room' }

/** A store of which nothing is known but how far behind its disk is, and a way to change that. */
export function busyDisk() {
  const state = { unconfirmedBytes: 0, refusal: null as StoreRefusal | null }
  const listeners: (() => void)[] = []
  const listen = (listener: () => void): void => void listeners.push(listener)
  const store = Object.assign(state, { onAdvanced: listen, onRefusal: listen })
  const become = (unconfirmedBytes: number, refusal: StoreRefusal | null = null): void => {
    Object.assign(state, { unconfirmedBytes, refusal })
    for (const listener of listeners) listener()
  }
  return { store: store as unknown as Store, become }
}
