import type { FieldTable } from '../codec/field-table.ts'

/** The types of method arguments (section 4.2.5), as they are read. */
export type FieldTypes = {
  bit: boolean
  octet: number
  short: number
  long: number
  /** A safe integer, or a bigint when it is beyond one. */
  longlong: number | bigint
  shortstr: string
  longstr: Buffer
  table: FieldTable
}
export type FieldType = keyof FieldTypes
export type Fields = { readonly [name: string]: FieldType }

export type ShapeOf<F extends Fields> = { readonly [Name in keyof F]: FieldTypes[F[Name]] }

/** What is given to be written; reserved fields may be left out and are empty then. */
export type DraftOf<F extends Fields> = {
  readonly [Name in keyof F as Name extends `reserved${string}` ? never : Name]: FieldTypes[F[Name]]
}

/** One method: its numbers, and its arguments in order. */
export type Method<F extends Fields = Fields> = {
  readonly name: string
  readonly classId: number
  readonly methodId: number
  /** Both numbers in one: `classId << 16 | methodId`. */
  readonly key: number
  readonly fields: F
}

export function method<const F extends Fields>(
  name: string,
  classId: number,
  methodId: number,
  fields: F,
): Method<F> {
  return { name, classId, methodId, key: (classId << 16) | methodId, fields }
}
