import * as z from 'zod'
import { unreachable } from '../lib/assert.ts'
import type { Entries } from './entries.ts'
import { ConfigError } from './errors.ts'
import { parseListeners } from './listener-urls.ts'
import { optionOf, type Option, type OptionKey } from './options.ts'
import { parseAddress, parseBytes, parseDuration } from './units.ts'

const address = z.string().transform((text, context) => {
  const parsed = parseAddress(text)
  if (parsed !== undefined) return parsed
  context.addIssue({ code: 'custom', message: 'not host:port' })
  return z.NEVER
})

const tls = z.strictObject({
  key: z.string().min(1).optional(),
  cert: z.string().min(1).optional(),
  ca: z.string().min(1).optional(),
  'client-certificates': z.enum(['none', 'optional', 'required']).optional(),
  'version-min': z.enum(['TLSv1.2', 'TLSv1.3']).optional(),
})

const listener = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/)
    .optional(),
  protocol: z.string().min(1),
  host: z.string().min(1).default('localhost'),
  port: z.number().int().min(0).max(65_535),
  advertised: address.optional(),
  tls: z.union([z.boolean(), tls]).default(false),
})
export type ListenerEntry = z.infer<typeof listener>

const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

/** Checks what was given and turns it into what the program works with. */
export function checkEntries(entries: Entries): Partial<Record<OptionKey, unknown>> {
  const checked: Partial<Record<OptionKey, unknown>> = {}
  for (const [key, { value, origin }] of entries) {
    const option = optionOf(key)
    if (option === undefined) continue
    const result = schemaOf(option).safeParse(value)
    if (!result.success) {
      const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value)
      throw new ConfigError(
        `${origin}: ${key} is ${shown}${detail(result.error)}; allowed: ${allowedText(option)}`,
      )
    }
    checked[key] = result.data
  }
  return checked
}

/** Where inside a list or object the fault is. At the top the value itself says it. */
function detail(error: z.ZodError): string {
  const [issue] = error.issues
  if (issue === undefined) return ''
  if (issue.path.length > 0) return ` (at ${issue.path.join('.')}: ${issue.message})`
  return issue.code === 'custom' && issue.message !== 'Invalid input' ? ` (${issue.message})` : ''
}

function schemaOf(option: Option): z.ZodType {
  switch (option.kind) {
    case 'text':
      return z.string().min(1)
    case 'choice':
      return z.enum(option.values as [string, ...string[]]) // zod wants to see one value at least.
    case 'boolean':
      return z.union([
        z.boolean(),
        z.enum(['true', 'false', 'yes', 'no']).transform(text => text === 'true' || text === 'yes'),
      ])
    case 'integer':
      return z.preprocess(
        value => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
        z.number().int().min(option.min).max(option.max),
      )
    case 'duration':
      return parsed(parseDuration).pipe(z.number().min(option.minMs))
    case 'bytes':
      return parsed(parseBytes).pipe(
        z
          .number()
          .min(option.min)
          .max(option.max ?? Number.MAX_SAFE_INTEGER),
      )
    case 'address':
      return address
    case 'settings':
      return z
        .preprocess(value => (typeof value === 'string' ? splitSettings(value) : value), settings)
        .transform(map =>
          Object.fromEntries(Object.entries(map).map(([name, value]) => [name, String(value)])),
        )
    case 'listeners':
      return z.preprocess(
        (value, context) =>
          typeof value === 'string'
            ? parseListeners(value, message => context.addIssue({ code: 'custom', message }))
            : value,
        z.array(listener).min(1),
      )
    default:
      return unreachable(option)
  }
}

const parsed = (parse: (text: string) => number | undefined) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const number = parse(String(value))
    if (number !== undefined) return number
    context.addIssue({ code: 'custom', message: 'Invalid input' })
    return z.NEVER
  })

/** "a=1,b=2". A value may hold no comma, as none of Kafka's but lists of policies do. */
function splitSettings(text: string): unknown {
  const pairs = text.split(/,(?=[a-z.]+=)/).map(pair => /^([^=]+)=(.*)$/.exec(pair.trim()))
  if (pairs.some(pair => pair === null)) return text
  return Object.fromEntries(pairs.map(pair => [pair![1]!, pair![2]!]))
}

/** What may stand there, in words: for messages and for the documentation. */
export function allowedText(option: Option): string {
  switch (option.kind) {
    case 'text':
      return option.form
    case 'choice':
      return option.values.join(', ')
    case 'boolean':
      return 'true, false'
    case 'integer':
      return `a whole number from ${option.min} to ${option.max}`
    case 'duration':
      return (
        'a time such as 500ms, 30s, 5m, 12h or 7d' +
        (option.minMs > 1 ? `, ${option.minMs}ms at least` : '')
      )
    case 'bytes':
      return (
        `a size such as 64MiB or 1GB, ${option.min} bytes at least` +
        (option.max === undefined ? '' : `, ${option.max} at most`)
      )
    case 'address':
      return 'host:port'
    case 'settings':
      return 'names and values'
    case 'listeners':
      return 'a list of listeners, or URLs such as kafka://127.0.0.1:9092'
    default:
      return unreachable(option)
  }
}
