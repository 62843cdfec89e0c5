/** Bits for longitude and for latitude in a score: together they fit into a double. */
export const STEPS_MAX = 26

/** Degrees, as the whole of the grid spans them. */
export type Grid = { readonly latitude: number; readonly longitude: number }

/** The grid of scores ends where Mercator's map does; that of geohashes as texts is the sphere. */
export const mercator: Grid = { latitude: 85.05112878, longitude: 180 }
export const sphere: Grid = { latitude: 90, longitude: 180 }

export type Point = { readonly longitude: number; readonly latitude: number }

/** One of the cells into which the grid is cut in `steps` halvings of both its sides. */
export type Cell = { readonly x: number; readonly y: number; readonly steps: number }

export type Area = {
  readonly longitudeMin: number
  readonly longitudeMax: number
  readonly latitudeMin: number
  readonly latitudeMax: number
}

export function cellOf({ longitude, latitude }: Point, steps: number, grid = mercator): Cell {
  const x = (longitude + grid.longitude) / (2 * grid.longitude)
  const y = (latitude + grid.latitude) / (2 * grid.latitude)
  return { x: Math.floor(x * 2 ** steps), y: Math.floor(y * 2 ** steps), steps }
}

export function areaOf({ x, y, steps }: Cell): Area {
  const { latitude, longitude } = mercator
  const size = 2 ** steps
  return {
    longitudeMin: -longitude + (x / size) * (2 * longitude),
    longitudeMax: -longitude + ((x + 1) / size) * (2 * longitude),
    latitudeMin: -latitude + (y / size) * (2 * latitude),
    latitudeMax: -latitude + ((y + 1) / size) * (2 * latitude),
  }
}

/** The bits of both sides in turn, the latitude's lowest first. */
export function bitsOf({ x, y, steps }: Cell): number {
  let bits = 0
  // A point at the very edge has one bit more.
  for (let at = steps; at >= 0; at--) bits = bits * 4 + ((x >>> at) & 1) * 2 + ((y >>> at) & 1)
  return bits
}

/** What a sorted set holds for a point: bits of the smallest cell. */
export const scoreOf = (point: Point): number => bitsOf(cellOf(point, STEPS_MAX))

/** The scores that lie in a cell, the last one exclusive. */
export function scoresOf(cell: Cell): { readonly from: number; readonly to: number } {
  const size = 4 ** (STEPS_MAX - cell.steps)
  const bits = bitsOf(cell)
  return { from: bits * size, to: (bits + 1) * size }
}

/** The middle of a score's cell. */
export function pointOf(score: number): Point {
  let bits = score >= 0 && score < 2 ** 54 ? Math.trunc(score) : 0
  let [x, y, place] = [0, 0, 1]
  for (; bits > 0; place *= 2) {
    const two = bits % 4
    x += place * (two >> 1)
    y += place * (two & 1)
    bits = (bits - two) / 4
  }
  const area = areaOf({ x, y, steps: STEPS_MAX })
  return {
    longitude: clipped((area.longitudeMin + area.longitudeMax) / 2, mercator.longitude),
    latitude: clipped((area.latitudeMin + area.latitudeMax) / 2, mercator.latitude),
  }
}

const clipped = (value: number, most: number): number => Math.min(most, Math.max(-most, value))

/** The cell that is so many to the east and to the north; the grid has no edges. */
export function neighbour({ x, y, steps }: Cell, east: number, north: number): Cell {
  const size = 2 ** steps
  return { x: (x + east + size) % size, y: (y + north + size) % size, steps }
}

const LETTERS = '0123456789bcdefghjkmnpqrstuvwxyz'
const TEXT_CHARS = 10

/** The geohash that everybody else knows. Its last letter has no bits left. */
export function geohashOf(point: Point): string {
  let rest = Math.floor(bitsOf(cellOf(point, STEPS_MAX, sphere)) / 4)
  let text = ''
  for (let left = TEXT_CHARS; left > 0; left--) {
    text = LETTERS[rest % 32]! + text
    rest = Math.floor(rest / 32)
  }
  return `${text}0`
}
