import { createHash } from 'node:crypto'
import { type Reply, show } from '../reply.ts'
import type { Mask } from './script.ts'

const SHOWN_MAX = 1200

/** A reply in one line, without what may differ between servers and runs. */
export function showMasked(reply: Reply, masks: readonly Mask[]): string {
  let [masked, shown] = [reply, '']
  for (const mask of masks) {
    if (mask.kind === 'type' && masked.kind !== 'error') return typeOf(masked)
    if (mask.kind === 'count' && 'items' in masked)
      return `${masked.kind} of ${masked.items.length}`
    masked = apply(masked, mask)
  }
  shown = show(masked)
  for (const mask of masks) if (mask.kind === 'hide') shown = shown.replaceAll(mask.pattern, '*')
  if (shown.length <= SHOWN_MAX) return shown
  const hash = createHash('sha1').update(shown).digest('hex').slice(0, 16)
  return `${shown.slice(0, SHOWN_MAX)} … ${shown.length} characters, SHA-1 ${hash}`
}

const typeOf = (reply: Reply): string => (reply.kind === 'null' ? show(reply) : reply.kind)

function apply(reply: Reply, mask: Mask): Reply {
  switch (mask.kind) {
    case 'sorted':
      return 'items' in reply && reply.kind !== 'map' ? sorted(reply, 1) : sorted(reply, 2)
    case 'pairs':
      return sorted(reply, 2)
    case 'round':
      return rounded(reply, mask.unit)
    case 'only':
      return only(reply, mask.names)
    default:
      return reply
  }
}

/** Also what is nested right below, as SCAN has it. */
function sorted(reply: Reply, size: number): Reply {
  if (!('items' in reply)) return reply
  const nested = reply.items.findIndex(item => 'items' in item)
  if (nested !== -1 && reply.items.length === 2 && size === 1)
    return { ...reply, items: reply.items.map(item => sorted(item, size)) }
  const groups: Reply[][] = []
  for (let index = 0; index < reply.items.length; index += size)
    groups.push(reply.items.slice(index, index + size))
  const shown = new Map(groups.map(group => [group, group.map(show).join()]))
  groups.sort((one, other) => (shown.get(one)! < shown.get(other)! ? -1 : 1))
  return { ...reply, items: groups.flat() }
}

function rounded(reply: Reply, unit: number): Reply {
  if ('items' in reply) return { ...reply, items: reply.items.map(item => rounded(item, unit)) }
  if (reply.kind !== 'integer' || Number(reply.text) <= 0) return reply
  return { kind: 'integer', text: String(Math.round(Number(reply.text) / unit) * unit) }
}

/** Of a map, or a list of names and values, or lines of `name:value`: those fields. */
function only(reply: Reply, names: readonly string[]): Reply {
  if (!('items' in reply)) {
    if (reply.kind !== 'bulk' && reply.kind !== 'verbatim') return reply
    const lines = reply.text.split(/\r\n|\n|(?<==\S*) /)
    const isKept = (line: string): boolean =>
      names.includes(/^(?:txt:)?([\w-]+)[:=]/.exec(line)?.[1] ?? '')
    return { kind: 'bulk', text: lines.filter(isKept).join(' ') }
  }
  if (reply.items.length > 0 && reply.items.every(item => 'items' in item))
    return { ...reply, items: reply.items.map(item => only(item, names)) }
  const items: Reply[] = []
  for (let index = 0; index + 1 < reply.items.length; index += 2) {
    const name = reply.items[index]!
    if ('text' in name && names.includes(name.text)) items.push(name, reply.items[index + 1]!)
  }
  return { ...reply, items }
}
