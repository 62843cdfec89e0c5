import { HashValue } from './hash/index.ts'
import { SetValue } from './set/index.ts'
import { SortedSetValue } from './sorted-set/index.ts'
import { StringValue } from './string/index.ts'
import type { ValueFactory } from './value.ts'

/** All kinds of values there are. */
export const valueFactories: readonly ValueFactory[] = [
  StringValue.factory,
  HashValue.factory,
  SetValue.factory,
  SortedSetValue.factory,
]
