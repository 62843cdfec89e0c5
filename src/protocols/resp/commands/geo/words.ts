import { parseDouble } from '../../../../lib/float-text.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import { ReplyError } from '../../errors.ts'
import { doubleAt } from '../../numbers.ts'
import { mercator, type Point } from './cells.ts'

/** Longitude and latitude, the word at `index` and the next one. */
export function pointAt(args: Arguments, index: number): Point {
  const longitude = doubleAt(args, index)
  const latitude = doubleAt(args, index + 1)
  if (Math.abs(longitude) <= mercator.longitude && Math.abs(latitude) <= mercator.latitude) {
    return { longitude, latitude }
  }
  const shown = `${sixDigits(longitude)},${sixDigits(latitude)}`
  throw new ReplyError(`ERR invalid longitude,latitude pair ${shown}`)
}

function sixDigits(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`
}

const metres: Readonly<Record<string, number>> = { m: 1, km: 1000, ft: 0.3048, mi: 1609.34 }

/** In metres. */
export function unitAt(args: Arguments, index: number): number {
  const unit = metres[args.lower(index)]
  if (unit === undefined) {
    throw new ReplyError('ERR unsupported unit provided. please use M, KM, FT, MI')
  }
  return unit
}

export function lengthAt(args: Arguments, index: number, what: string): number {
  const value = parseDouble(args.binary(index))
  if (value === undefined) throw new ReplyError(`ERR need numeric ${what}`)
  return value
}

/** A length and its unit. */
export function radiusAt(
  args: Arguments,
  index: number,
): { readonly radius: number; readonly unit: number } {
  const length = lengthAt(args, index, 'radius')
  if (length < 0) throw new ReplyError('ERR radius cannot be negative')
  const unit = unitAt(args, index + 1)
  return { radius: length * unit, unit }
}

/** Width, height and their unit. */
export function boxAt(
  args: Arguments,
  index: number,
): { readonly width: number; readonly height: number; readonly unit: number } {
  const width = lengthAt(args, index, 'width')
  const height = lengthAt(args, index + 1, 'height')
  if (width < 0 || height < 0) throw new ReplyError('ERR height or width cannot be negative')
  const unit = unitAt(args, index + 2)
  return { width: width * unit, height: height * unit, unit }
}
