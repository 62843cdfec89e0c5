import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { unknown, type Entries } from './entries.ts'
import { ConfigError } from './errors.ts'
import { optionOf, options, type OptionKey } from './options.ts'

/** Reads YAML. Keys may be nested (`kafka: {port: 1}`) or dotted (`kafka.port: 1`). */
export function entriesOfFile(text: string, path: string): Entries {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const place = (at: number | undefined): string => {
    const { line, col } = lines.linePos(at ?? 0)
    return `${path}:${line}:${col}`
  }
  const [error] = document.errors
  if (error !== undefined) throw new ConfigError(`${place(error.pos[0])}: ${error.message}`)
  const entries: Entries = new Map()
  const { contents } = document
  if (contents === null) return entries
  if (!isMap(contents)) throw new ConfigError(`${path}: is not a list of "key: value" lines`)
  const walk = (map: YAMLMap, prefix: string): void => {
    for (const { key, value } of map.items) {
      const name = prefix + String(isScalar(key) ? key.value : key)
      const origin = place(isScalar(key) ? key.range?.[0] : undefined)
      if (optionOf(name) !== undefined) {
        const plain: unknown = document.createNode(value).toJS(document)
        entries.set(name as OptionKey, { value: plain, origin }) // It was looked up just now.
      } else if (isMap(value) && options.some(option => option.key.startsWith(`${name}.`))) {
        walk(value, `${name}.`)
      } else
        throw unknown(
          `${origin}: key ${name}`,
          name,
          options.map(option => option.key),
        )
    }
  }
  walk(contents, '')
  return entries
}
