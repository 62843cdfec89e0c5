import { pino } from 'pino'
import type { Logger } from '../lib/logger.ts'

export type LoggerOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly format: 'pretty' | 'json'
  /** Takes whole lines. Synchronous, so that the last line before an end is not lost. */
  readonly write: (line: string) => void
  readonly hasColors: boolean
}

/** The one place that knows the logging library. */
export function openLogger({ level, format, write, hasColors }: LoggerOptions): Logger {
  const show = format === 'json' ? write : (line: string) => write(pretty(line, hasColors))
  const serializers = { error: errorText }
  return pino({ level, base: { pid: process.pid }, serializers }, { write: show })
}

/** As JSON, an error would be an empty object. */
const errorText = (error: unknown): unknown =>
  error instanceof Error ? (error.stack ?? error.message) : error

const levels: Readonly<Record<number, [name: string, color: number]>> = {
  20: ['debug', 90],
  30: ['info', 32],
  40: ['warn', 33],
  50: ['error', 31],
}

/** "14:03:59 warn  message  key=value": what happened first, the facts behind it. */
function pretty(line: string, hasColors: boolean): string {
  // What pino wrote a moment ago.
  const { level, time, pid: _pid, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const [name, color] = levels[level as number] ?? ['fatal', 35]
  const clock = new Date(time as number).toTimeString().slice(0, 8)
  const details = Object.entries(facts).map(([key, value]) => `  ${key}=${showValue(value)}`)
  const tint = (code: number, text: string): string =>
    hasColors ? `\u001b[${code}m${text}\u001b[39m` : text
  const head = `${tint(90, clock)} ${tint(color, name.padEnd(5))} ${String(msg)}`
  return `${head}${tint(90, details.join(''))}\n`
}

const showValue = (value: unknown): string =>
  typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)
