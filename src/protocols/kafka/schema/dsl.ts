import type { Uuid } from '../../../broker/topic/topic.ts'
import type { Records } from './wire.ts'

export { NO_BYTES } from './wire.ts'

/** Sixteen zero bytes: "no id". */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'
export const INT32_MAX = 2 ** 31 - 1
export const INT32_MIN = -(2 ** 31)

/** The vocabulary of Kafka's message tables. A table is data; `compile` makes it a codec. */
export type Kind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'int64Saturated'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'
  | 'struct'
  | 'list'

declare const readType: unique symbol
declare const writeType: unique symbol
declare const optionalType: unique symbol

/**
 * One field. `Read` is what a reader gets and `Write` what a writer takes; a field that has a
 * default may be left out (`Optional`) when writing.
 */
export type Field<Read = unknown, Write = unknown, Optional extends boolean = boolean> = {
  readonly kind: Kind
  /** The versions that carry the field, both inclusive. */
  readonly since: number
  readonly until: number
  /** The first version that can say null; below it null is written as empty. */
  readonly nullableSince: number
  /** Of a list: what its items are. Of a struct: its table. */
  readonly of: Field | Fields | null
  /** The number of a tagged field, or null when it is none. */
  readonly tag: number | null
  /** What is read where the field is not there, and written where it is left out. */
  readonly otherwise: unknown
  readonly [readType]?: Read
  readonly [writeType]?: Write
  readonly [optionalType]?: Optional
}
export type Fields = { readonly [name: string]: Field }

/** The TypeScript type of a table as it is read: every field is there. */
export type ShapeOf<Table extends Fields> = {
  readonly [Name in keyof Table]: Table[Name] extends Field<infer Read> ? Read : never
}

/** What may be written for a table: fields with a default may be left out. */
export type DraftOf<Table extends Fields> = {
  readonly [Name in RequiredNames<Table>]: WriteOf<Table[Name]>
} & { readonly [Name in OptionalNames<Table>]?: WriteOf<Table[Name]> }

type WriteOf<One extends Field> = One extends Field<unknown, infer Write> ? Write : never
type OptionalNames<Table extends Fields> = {
  [Name in keyof Table]: Table[Name] extends Field<unknown, unknown, true> ? Name : never
}[keyof Table]
type RequiredNames<Table extends Fields> = Exclude<keyof Table, OptionalNames<Table>>

const NEVER = 0x7fff

function field<Read, Write = Read>(
  kind: Kind,
  facts: { nullableSince?: number; of?: Field | Fields } = {},
): Field<Read, Write, false> {
  const { nullableSince = NEVER, of = null } = facts
  return { kind, since: 0, until: NEVER, nullableSince, of, tag: null, otherwise: undefined }
}

export const bool = field<boolean>('bool')
export const int8 = field<number>('int8')
export const int16 = field<number>('int16')
export const uint16 = field<number>('uint16')
export const int32 = field<number>('int32')
export const uint32 = field<number>('uint32')
/** A safe integer; what is beyond 2^53 is refused. */
export const int64 = field<number>('int64')
/** For times and durations, where "for ever" is said with the largest integer there is. */
export const int64Saturated = field<number>('int64Saturated')
export const float64 = field<number>('float64')
export const uuid = field<Uuid>('uuid')
export const string = field<string>('string')
export const nullableString = field<string | null>('string', { nullableSince: 0 })
/** Shares memory with the frame it was read from. Copy what you keep. */
export const bytes = field<Buffer>('bytes')
export const nullableBytes = field<Buffer | null>('bytes', { nullableSince: 0 })
/** Record batches: read as one slice of the frame, written from one buffer or several. */
export const records = field<Buffer | null, Records>('records', { nullableSince: 0 })

export const struct = <const Table extends Fields>(
  table: Table,
): Field<ShapeOf<Table>, DraftOf<Table>, false> => field('struct', { of: table })

export const nullableStruct = <const Table extends Fields>(
  table: Table,
): Field<ShapeOf<Table> | null, DraftOf<Table> | null, false> =>
  field('struct', { of: table, nullableSince: 0 })

type ReadItem<Item> =
  Item extends Field<infer Read> ? Read : Item extends Fields ? ShapeOf<Item> : never
type WriteItem<Item> =
  Item extends Field<unknown, infer Write> ? Write : Item extends Fields ? DraftOf<Item> : never

/** A list of scalars, or of structs given by their table. */
export const listOf = <const Item extends Field | Fields>(
  of: Item,
): Field<readonly ReadItem<Item>[], readonly WriteItem<Item>[], false> => field('list', { of })

export const nullableListOf = <const Item extends Field | Fields>(
  of: Item,
): Field<readonly ReadItem<Item>[] | null, readonly WriteItem<Item>[] | null, false> =>
  field('list', { of, nullableSince: 0 })

/** The same field with a default; types exist for the compiler only, hence the cast. */
const optional = <Read, Write>(
  one: Field<Read, Write>,
  facts: Partial<Pick<Field, 'since' | 'until' | 'tag' | 'otherwise'>>,
): Field<Read, Write, true> => ({ ...one, ...facts }) as Field<Read, Write, true>

/** The field exists from `version` on; before that, readers see `otherwise`. */
export const since = <Read, Write>(
  version: number,
  one: Field<Read, Write>,
  otherwise: NoInfer<Read>,
): Field<Read, Write, true> => optional(one, { since: version, otherwise })

/** The field exists up to `version`, which is the last to carry it. */
export const until = <Read, Write>(
  version: number,
  one: Field<Read, Write>,
  otherwise: NoInfer<Read>,
): Field<Read, Write, true> => optional(one, { until: version, otherwise })

/** The field is always there, and may be left out when writing. */
export const defaulted = <Read, Write>(
  one: Field<Read, Write>,
  otherwise: NoInfer<Read>,
): Field<Read, Write, true> => optional(one, { otherwise })

/** Null can be said from `version` on; before that it is written as empty. */
export const nullableSince = <Read, Write, Optional extends boolean>(
  version: number,
  one: Field<Read, Write, Optional>,
): Field<Read, Write, Optional> => ({ ...one, nullableSince: version })

/** The field exists from `first` up to and including `last`. */
export const between = <Read, Write>(
  first: number,
  last: number,
  one: Field<Read, Write>,
  otherwise: NoInfer<Read>,
): Field<Read, Write, true> => optional(one, { since: first, until: last, otherwise })

/**
 * Written at the end of a struct, from version `first` on and only where it is not the default.
 * Flexible versions alone have such fields.
 */
export const tagged = <Read, Write>(
  tag: number,
  first: number,
  one: Field<Read, Write>,
  otherwise: NoInfer<Read>,
): Field<Read, Write, true> => optional(one, { tag, since: first, otherwise })

/** A struct among the tagged fields: null when it is not there. */
export const taggedStruct = <const Table extends Fields>(
  tag: number,
  first: number,
  table: Table,
): Field<ShapeOf<Table> | null, DraftOf<Table> | null, true> =>
  optional(field('struct', { of: table }), { tag, since: first, otherwise: null })

/** One API: its numbers, and the tables of its request and response. */
export type Api<Request extends Fields = Fields, Response extends Fields = Fields> = {
  readonly key: number
  readonly name: string
  readonly versions: readonly [first: number, last: number]
  /** The first version with compact lengths and tagged fields, or null when there is none. */
  readonly flexibleFrom: number | null
  readonly request: Request
  readonly response: Response
}

export const api = <const Request extends Fields, const Response extends Fields>(
  table: Api<Request, Response>,
): Api<Request, Response> => table

export type RequestOf<One extends Api> = ShapeOf<One['request']>
export type ResponseOf<One extends Api> = ShapeOf<One['response']>
/** What a handler answers with, and a client asks with. */
export type ResponseDraft<One extends Api> = DraftOf<One['response']>
export type RequestDraft<One extends Api> = DraftOf<One['request']>

export const isFlexible = (one: Api, version: number): boolean =>
  one.flexibleFrom !== null && version >= one.flexibleFrom
