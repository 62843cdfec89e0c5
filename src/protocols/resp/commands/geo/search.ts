import { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { sortedSetOf } from '../sorted-set/access.ts'
import { type Cell, type Point, pointOf, scoresOf } from './cells.ts'
import { writePoint } from './reply.ts'
import { cellsOf, distanceWithin, type Shape } from './shapes.ts'
import { boxAt, pointAt, radiusAt } from './words.ts'

/** Which of the commands it is: what its first words say, and which options it takes. */
export type SearchForm = {
  readonly from: 'point' | 'member' | 'options'
  readonly mayStore: boolean
  /** GEOSEARCHSTORE: the first word is where the result goes. */
  readonly isStored: boolean
}

type Extent = { kind: 'circle'; radius: number } | { kind: 'box'; width: number; height: number }

type Wanted = {
  /** `nowhere`: around a member of what is not there. */
  center: Point | 'nowhere' | null
  fromMember: boolean
  extent: Extent | null
  /** Metres. */
  unit: number
  isFarFirst: boolean | null
  /** 0: all. */
  count: number
  isAny: boolean
  withDistance: boolean
  withHash: boolean
  withPoint: boolean
  target: string | null
  isDistanceStored: boolean
}

type Found = {
  readonly member: string
  readonly score: number
  readonly point: Point
  readonly distance: number
}

export function search(call: Call, form: SearchForm): void {
  const { args, reply } = call
  const source = form.isStored ? 2 : 1
  const value = sortedSetOf(call, args.binary(source))
  const wanted = wantedBy(args, form, value)
  check(args, form, wanted)
  if (value === undefined) {
    if (wanted.target === null) reply.array(0)
    else store(call, form, wanted, [])
    return
  }
  const found = inOrder(all(value, wanted), wanted)
  if (wanted.target === null) show(call, wanted, found)
  else store(call, form, wanted, found)
}

function wantedBy(args: Arguments, form: SearchForm, value: SortedSetValue | undefined): Wanted {
  const wanted: Wanted = {
    ...{
      center: null,
      fromMember: false,
      extent: null,
      unit: 1,
      isFarFirst: null,
      count: 0,
      isAny: false,
    },
    ...{ withDistance: false, withHash: false, withPoint: false, isDistanceStored: false },
    target: form.isStored ? args.binary(1) : null,
  }
  let index = form.isStored ? 3 : 2
  if (form.from === 'point') {
    wanted.center = pointAt(args, 2)
    setRadius(wanted, args, 4)
    index = 6
  } else if (form.from === 'member') {
    wanted.center = centerAt(args, 2, value)
    if (value !== undefined) setRadius(wanted, args, 3)
    index = 5
  }
  while (index < args.count) index += readOption({ args, index, form, value, wanted })
  return wanted
}

function setRadius(wanted: Wanted, args: Arguments, index: number): void {
  const { radius, unit } = radiusAt(args, index)
  wanted.extent = { kind: 'circle', radius }
  wanted.unit = unit
}

function centerAt(
  args: Arguments,
  index: number,
  value: SortedSetValue | undefined,
): Point | 'nowhere' {
  if (value === undefined) return 'nowhere'
  const score = value.scoreOf(args.binary(index))
  if (score === undefined) throw new ReplyError('ERR could not decode requested zset member')
  return pointOf(score)
}

type OptionPlace = {
  readonly args: Arguments
  readonly index: number
  readonly form: SearchForm
  readonly value: SortedSetValue | undefined
  readonly wanted: Wanted
}

/** How many words it has. */
function readOption(place: OptionPlace): number {
  const { args, index, form, wanted } = place
  const option = args.lower(index)
  const left = args.count - index - 1
  if (option === 'withdist') wanted.withDistance = true
  else if (option === 'withhash') wanted.withHash = true
  else if (option === 'withcoord') wanted.withPoint = true
  else if (option === 'any') wanted.isAny = true
  else if (option === 'asc' || option === 'desc') wanted.isFarFirst = option === 'desc'
  else if (option === 'storedist' && form.isStored) wanted.isDistanceStored = true
  else if (option === 'count' && left >= 1) {
    wanted.count = numberAt(args, index + 1)
    if (wanted.count <= 0) throw new ReplyError('ERR COUNT must be > 0')
    return 2
  } else if ((option === 'store' || option === 'storedist') && form.mayStore && left >= 1) {
    wanted.target = args.binary(index + 1)
    wanted.isDistanceStored = option === 'storedist'
    return 2
  } else if (form.from === 'options') return readPlace(place, option, left)
  else throw syntaxError()
  return 1
}

function readPlace(
  { args, index, value, wanted }: OptionPlace,
  option: string,
  left: number,
): number {
  const isPoint = wanted.center !== null && !wanted.fromMember
  if (option === 'frommember' && left >= 1 && !isPoint) {
    wanted.center = centerAt(args, index + 1, value)
    wanted.fromMember = true
    return 2
  }
  if (option === 'fromlonlat' && left >= 2 && !wanted.fromMember) {
    wanted.center = pointAt(args, index + 1)
    return 3
  }
  if (option === 'byradius' && left >= 2 && wanted.extent?.kind !== 'box') {
    setRadius(wanted, args, index + 1)
    return 3
  }
  if (option === 'bybox' && left >= 3 && wanted.extent?.kind !== 'circle') {
    const { width, height, unit } = boxAt(args, index + 1)
    wanted.extent = { kind: 'box', width, height }
    wanted.unit = unit
    return 4
  }
  throw syntaxError()
}

function check(args: Arguments, { from, isStored }: SearchForm, wanted: Wanted): void {
  const { target, withDistance, withHash, withPoint } = wanted
  if (target !== null && (withDistance || withHash || withPoint)) {
    const what = isStored ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'
    throw new ReplyError(
      `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`,
    )
  }
  const name = args.text(0)
  if (from === 'options' && wanted.center === null) {
    throw new ReplyError(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`)
  }
  if (from === 'options' && wanted.extent === null) {
    throw new ReplyError(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`)
  }
  if (wanted.isAny && wanted.count === 0) {
    throw new ReplyError('ERR the ANY argument requires COUNT argument')
  }
}

function all(value: SortedSetValue, { center, extent, isAny, count }: Wanted): Found[] {
  const found: Found[] = []
  if (center === null || center === 'nowhere' || extent === null) return found
  const shape: Shape = { center, ...extent }
  const max = isAny ? count : Infinity
  let last: Cell | null = null
  for (const cell of cellsOf(shape)) {
    // Of a huge shape neighbours may be the same cell.
    if (last !== null && last.x === cell.x && last.y === cell.y) continue
    if (found.length >= max) break
    collect(value, shape, cell, { found, max })
    last = cell
  }
  return found
}

function collect(
  { ordered }: SortedSetValue,
  shape: Shape,
  cell: Cell,
  { found, max }: { readonly found: Found[]; readonly max: number },
): void {
  const scores = scoresOf(cell)
  const from = ordered.countWhile(score => score < scores.from)
  const to = ordered.countWhile(score => score < scores.to)
  ordered.forEach(from, to, (member, score) => {
    if (found.length >= max) return
    const point = pointOf(score)
    const distance = distanceWithin(shape, point)
    if (distance >= 0) found.push({ member, score, point, distance })
  })
}

function inOrder(found: Found[], { isFarFirst, count, isAny }: Wanted): readonly Found[] {
  if (isFarFirst === true) found.sort((one, other) => other.distance - one.distance)
  else if (isFarFirst === false || (count > 0 && !isAny)) {
    found.sort((one, other) => one.distance - other.distance)
  }
  return count > 0 ? found.slice(0, count) : found
}

function show({ reply }: Call, wanted: Wanted, found: readonly Found[]): void {
  const { withDistance, withHash, withPoint, unit } = wanted
  const options = Number(withDistance) + Number(withHash) + Number(withPoint)
  reply.array(found.length)
  for (const { member, distance, score, point } of found) {
    if (options > 0) reply.array(1 + options)
    reply.binary(member)
    if (withDistance) reply.binary((distance / unit).toFixed(4))
    if (withHash) reply.integer(score)
    if (withPoint) writePoint(reply, point)
  }
}

function store(call: Call, form: SearchForm, wanted: Wanted, found: readonly Found[]): void {
  const { db, reply } = call
  const target = wanted.target!
  if (found.length > 0) {
    const { isDistanceStored, unit } = wanted
    const entries = found.map(
      ({ member, distance, score }) =>
        [member, isDistanceStored ? distance / unit : score] as const,
    )
    db.put(target, SortedSetValue.of(entries))
    call.notify('z', form.from === 'options' ? 'geosearchstore' : 'georadiusstore', target)
  } else if (db.delete(target)) call.notify('g', 'del', target)
  reply.integer(found.length)
}
