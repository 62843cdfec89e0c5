const HOUR_MS = 3_600_000

/** Without ids of stream entries that were made of the time. */
export const timeless = (shown: string): string =>
  shown.replaceAll(/\b(\d{13})-\d+\b/g, (id, ms: string) =>
    Math.abs(Number(ms) - Date.now()) < HOUR_MS ? '(id of now)' : id,
  )
