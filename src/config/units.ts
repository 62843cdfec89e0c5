const durations: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const sizes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** "90s", "1.5h", or a plain number of milliseconds. Undefined when it is none of them. */
export const parseDuration = (text: string): number | undefined => parse(text, durations, 'ms')

/** "128MiB", "1.5GB", or a plain number of bytes. Undefined when it is none of them. */
export const parseBytes = (text: string): number | undefined => parse(text, sizes, 'B')

function parse(
  text: string,
  units: Readonly<Record<string, number>>,
  unitDefault: string,
): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim())
  const factor = match === null ? undefined : units[match[2] === '' ? unitDefault : match[2]!]
  if (match === null || factor === undefined) return undefined
  const value = Math.round(Number(match[1]) * factor)
  return Number.isSafeInteger(value) ? value : undefined
}

/** "host:port" or "[::1]:port". Undefined when it is neither. */
export function parseAddress(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  if (match === null || port > 65_535) return undefined
  return { host: match[1] ?? match[2]!, port }
}
