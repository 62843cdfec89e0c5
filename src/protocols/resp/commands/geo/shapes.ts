import { type Area, areaOf, type Cell, cellOf, neighbour, type Point, STEPS_MAX } from './cells.ts'

/** Metres, of the sphere that Redis takes the earth for. */
const EARTH_RADIUS = 6372797.560856
/** Half of the equator on Mercator's map. */
const MERCATOR_MAX = 20037726.37

/** What is searched, all lengths in metres. */
export type Shape = { readonly center: Point } & (
  | { readonly kind: 'circle'; readonly radius: number }
  | { readonly kind: 'box'; readonly width: number; readonly height: number }
)

const radians = (degrees: number): number => degrees * (Math.PI / 180)
const degrees = (given: number): number => given / (Math.PI / 180)

const northward = (from: number, to: number): number =>
  EARTH_RADIUS * Math.abs(radians(to) - radians(from))

/** Along the great circle. */
export function distance(one: Point, other: Point): number {
  const v = Math.sin((radians(other.longitude) - radians(one.longitude)) / 2)
  if (v === 0) return northward(one.latitude, other.latitude)
  const [from, to] = [radians(one.latitude), radians(other.latitude)]
  const u = Math.sin((to - from) / 2)
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(u * u + Math.cos(from) * Math.cos(to) * v * v))
}

/** How far a point is from the middle; -1: it lies outside. */
export function distanceWithin(shape: Shape, point: Point): number {
  const { center } = shape
  if (shape.kind === 'circle') {
    const found = distance(center, point)
    return found <= shape.radius ? found : -1
  }
  if (northward(point.latitude, center.latitude) > shape.height / 2) return -1
  const across = distance(point, { longitude: center.longitude, latitude: point.latitude })
  return across > shape.width / 2 ? -1 : distance(center, point)
}

/** What the shape lies in, as if the sphere were flat. */
function boundsOf(shape: Shape): Area {
  const { longitude, latitude } = shape.center
  const width = shape.kind === 'circle' ? shape.radius : shape.width / 2
  const height = shape.kind === 'circle' ? shape.radius : shape.height / 2
  const north = degrees(height / EARTH_RADIUS)
  // The wider side is the one that is nearer to a pole.
  const wider = latitude < 0 ? latitude - north : latitude + north
  const east = degrees(width / EARTH_RADIUS / Math.cos(radians(wider)))
  return {
    longitudeMin: longitude - east,
    longitudeMax: longitude + east,
    latitudeMin: latitude - north,
    latitudeMax: latitude + north,
  }
}

function stepsFor(shape: Shape): number {
  let range =
    shape.kind === 'circle'
      ? shape.radius
      : Math.sqrt((shape.width / 2) ** 2 + (shape.height / 2) ** 2)
  if (range === 0) return STEPS_MAX
  const { latitude } = shape.center
  let steps = 1
  for (; range < MERCATOR_MAX; range *= 2) steps++
  steps -= 2
  if (Math.abs(latitude) > 66) steps--
  if (Math.abs(latitude) > 80) steps--
  return Math.min(STEPS_MAX, Math.max(1, steps))
}

/** To the east and to the north; the order in which they are searched. */
const around: readonly (readonly [east: number, north: number])[] = [
  ...([
    [0, 0],
    [0, 1],
    [0, -1],
    [1, 0],
    [-1, 0],
  ] as const),
  ...([
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ] as const),
]

/** The cells that hold all of a shape: one and those around it that it reaches into. */
export function cellsOf(shape: Shape): readonly Cell[] {
  const bounds = boundsOf(shape)
  let steps = stepsFor(shape)
  let middle = cellOf(shape.center, steps)
  if (steps > 1 && !areCovering(middle, bounds)) middle = cellOf(shape.center, --steps)
  const area = areaOf(middle)
  const isReached = (east: number, north: number): boolean => {
    if (steps < 2) return true
    if (north < 0 && area.latitudeMin < bounds.latitudeMin) return false
    if (north > 0 && area.latitudeMax > bounds.latitudeMax) return false
    if (east < 0 && area.longitudeMin < bounds.longitudeMin) return false
    return !(east > 0 && area.longitudeMax > bounds.longitudeMax)
  }
  return around
    .filter(([east, north]) => isReached(east, north))
    .map(([east, north]) => neighbour(middle, east, north))
}

/** Near the edge of a cell those around it may be too small. */
function areCovering(cell: Cell, bounds: Area): boolean {
  return (
    areaOf(neighbour(cell, 0, 1)).latitudeMax >= bounds.latitudeMax &&
    areaOf(neighbour(cell, 0, -1)).latitudeMin <= bounds.latitudeMin &&
    areaOf(neighbour(cell, 1, 0)).longitudeMax >= bounds.longitudeMax &&
    areaOf(neighbour(cell, -1, 0)).longitudeMin <= bounds.longitudeMin
  )
}
