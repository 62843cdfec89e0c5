/** Of snapshots that are events as JSON. */
const VERSION = 1

/** A snapshot as JSON: the events that would make the state anew. */
export const encodeEvents = (events: Iterable<object>): Buffer =>
  Buffer.from(JSON.stringify({ version: VERSION, events: [...events] }))

/** The events of a snapshot of that state machine. */
export function decodeEvents<Event>(machine: string, snapshot: Buffer): readonly Event[] {
  // The bytes are our own and checked by the log, so their shape is known once the version is.
  const { version, events } = JSON.parse(snapshot.toString()) as {
    version: unknown
    events: readonly Event[]
  }
  demandVersion(machine, version, VERSION)
  return events
}

/** Ends the start where another format was written: nothing of it is guessed. */
export function demandVersion(machine: string, found: unknown, known: number): void {
  if (found === known) return
  throw new Error(
    `The snapshot of "${machine}" in the newest checkpoint has format ${String(found)}; ` +
      `this version of Sabir reads format ${known}. ` +
      'Start the version that wrote it, or a newer one.',
  )
}
