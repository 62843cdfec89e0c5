import { ReplyError } from '../errors.ts'

/** What a script says of itself in its first line. */
export type ScriptFlags = {
  readonly isReadOnly: boolean
  readonly mayExceedMemory: boolean
}

const known: ReadonlySet<string> = new Set([
  'no-writes',
  'allow-oom',
  'allow-stale',
  'no-cluster',
  'allow-cross-slot-keys',
])
const none: ScriptFlags = { isReadOnly: false, mayExceedMemory: false }

/** Reads `#!lua flags=…`; the rest keeps its line numbers. */
export function readShebang(source: string): {
  readonly flags: ScriptFlags
  readonly body: string
} {
  if (!source.startsWith('#!')) return { flags: none, body: source }
  const end = source.indexOf('\n')
  if (end < 0) throw new ReplyError('ERR Invalid script shebang')
  const [engine = '', ...options] = source.slice(0, end).trim().split(/\s+/)
  if (engine !== '#!lua') {
    throw new ReplyError(`ERR Unexpected engine in script shebang: ${engine.slice(2)}`)
  }
  const flags = options.flatMap(option => {
    if (option.startsWith('flags=')) return option.slice(6).split(',')
    throw new ReplyError(`ERR Unknown lua shebang option: ${option}`)
  })
  for (const flag of flags) {
    if (!known.has(flag)) {
      throw new ReplyError(`ERR Unexpected flag in script shebang: ${flag}`)
    }
  }
  const isReadOnly = flags.includes('no-writes')
  return {
    flags: { isReadOnly, mayExceedMemory: isReadOnly || flags.includes('allow-oom') },
    body: source.slice(end),
  }
}
