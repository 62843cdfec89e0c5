/** What the broker knows of a message beside what its sender said. Stored as JSON, if any. */
export type Annotations = {
  /** Where it died before, the latest first: one entry for each queue and reason. */
  readonly deaths?: readonly Death[]
  /** Of the very first death, and of the latest. */
  readonly firstDeath?: DeathPlace
  readonly lastDeath?: DeathPlace
  /** Further routing keys it has now, whatever its properties say since it was published. */
  readonly copies?: readonly string[]
  /** It was delayed by so many milliseconds before it was routed. */
  readonly delayedMs?: number
}

export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit'

export type DeathPlace = {
  readonly queue: string
  readonly reason: DeathReason
  readonly exchange: string
}

export type Death = {
  readonly queue: string
  readonly reason: DeathReason
  readonly count: number
  /** Milliseconds since 1970, of the first death of this kind. */
  readonly time: number
  readonly exchange: string
  readonly routingKeys: readonly string[]
  /** What its sender had asked for; the copy does not expire by it any more. */
  readonly originalTtlMs?: number
}

export const encodeAnnotations = (annotations: Annotations): Buffer =>
  Buffer.from(JSON.stringify(annotations))
// Our own bytes, under the log's checksum.
export const decodeAnnotations = (bytes: Buffer): Annotations =>
  JSON.parse(bytes.toString()) as Annotations
