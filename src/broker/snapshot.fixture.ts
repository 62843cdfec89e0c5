import type { Snapshot } from '../log/store.ts'

/** All pieces of a snapshot, to be kept. */
export const piecesOf = (snapshot: Snapshot): Buffer[] =>
  Buffer.isBuffer(snapshot)
    ? [snapshot]
    : Array.from(snapshot, pieces => pieces.map(piece => Buffer.from(piece))).flat()
