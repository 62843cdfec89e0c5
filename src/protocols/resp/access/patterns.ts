import { escapePattern } from '../../../broker/access/index.ts'

/** Patterns of names as RabbitMQ has them, and globs as Redis has them. */

const NOTHING = '^$'
const EVERYTHING = '.*'

/** Whether a pattern, which is searched in names, is found in all of them. */
export const isEverything = (pattern: string): boolean =>
  pattern === EVERYTHING || pattern === '^.*' || pattern === '^.*$' || pattern === '.*$'

/** One pattern for all globs. Names are text: beyond ASCII `?` is a letter, and not a byte. */
export function patternOfGlobs(globs: readonly string[]): string {
  if (globs.length === 0) return NOTHING
  if (globs.includes('*')) return EVERYTHING
  const parts = [...new Set(globs)].map(glob => partOf(Buffer.from(glob, 'latin1').toString()))
  return parts.length === 1 ? `^${parts[0]}$` : `^(?:${parts.join('|')})$`
}

function partOf(glob: string): string {
  let part = ''
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at]!
    if (char === '*') part += '.*'
    else if (char === '?') part += '.'
    else if (char === '[') {
      const [set, end] = setOf(glob, at + 1)
      part += set
      at = end
    } else if (char === '\\' && at + 1 < glob.length) part += escapePattern(glob[++at]!)
    else part += escapePattern(char)
  }
  return part
}

/** What is between brackets, and where the closing one is: at the end, when there is none. */
function setOf(glob: string, start: number): [set: string, end: number] {
  let at = start
  const isNot = glob[at] === '^'
  if (isNot) at++
  let members = ''
  for (; at < glob.length && glob[at] !== ']'; at++) {
    if (glob[at] === '\\' && at + 1 < glob.length) members += escapePattern(glob[++at]!)
    else if (glob[at + 1] === '-' && at + 2 < glob.length) {
      const [first, last] = [glob[at]!, glob[at + 2]!].toSorted()
      members += `${escapePattern(first!)}-${escapePattern(last!)}`
      at += 2
    } else members += escapePattern(glob[at]!)
  }
  if (members === '') return [isNot ? '.' : '(?!)', at]
  return [`[${isNot ? '^' : ''}${members}]`, at]
}

/** The globs that mean the same; none when there are no such. */
export function globOfPattern(pattern: string): readonly string[] {
  if (isEverything(pattern)) return ['*']
  const alternatives = /^\^\(?(?:\?:)?([^()]*)\)?\$$/.exec(pattern)
  const whole = alternatives ?? /^\^([^()$|]*)$/.exec(pattern)
  if (whole === null) return []
  const isPrefix = alternatives === null
  const globs = whole[1]!.split('|').map(part => simpleGlob(isPrefix ? `${part}.*` : part))
  return globs.every(glob => glob !== null && glob !== '') ? (globs as string[]) : []
}

/** Letters, and what stands for any of them; null for all that is more than that. */
function simpleGlob(part: string): string | null {
  let glob = ''
  for (let at = 0; at < part.length; at++) {
    const char = part[at]!
    if (char === '.' && part[at + 1] === '*') {
      glob += '*'
      at++
    } else if (char === '.') glob += '?'
    else if (char === '\\' && /^[^\w]$/.test(part[at + 1] ?? '')) glob += literal(part[++at]!)
    else if (/[\w:@/\-,;#%&=~ ]/.test(char)) glob += char
    else return null
  }
  return glob.includes(' ') ? null : Buffer.from(glob).toString('latin1')
}

const literal = (char: string): string => (/[*?[\]\\]/.test(char) ? `\\${char}` : char)
