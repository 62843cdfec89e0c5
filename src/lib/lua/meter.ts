/** So much work is done between two looks at the clock. */
export const FUEL = 1000

/**
 * What the script that runs has used up. One runs at a time. Turns of loops and calls take one of
 * the fuel; whatever does more says so.
 */
export const meter = {
  fuel: 0,
  /** Places in tables that the run has made. */
  slots: 0,
  /** Called when the fuel is used up: fills it up, or ends the run by throwing. */
  refuel: (): void => {
    meter.fuel = FUEL
  },
}

/** Work of a library: a unit is about what a turn of an empty loop takes. */
export function spend(work: number): void {
  meter.fuel -= work
  if (meter.fuel < 0) meter.refuel()
}
