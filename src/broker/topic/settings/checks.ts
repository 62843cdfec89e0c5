import { listOf } from './setting.ts'

/** Checks of setting values; they say what is wrong in Kafka's words. */
type Check = (value: string) => string | undefined

export const atLeast =
  (min: number): Check =>
  value =>
    Number(value) >= min ? undefined : `Value must be at least ${min}`

export const between =
  (min: number, max: number): Check =>
  value => {
    if (Number(value) < min) return `Value must be at least ${min}`
    if (Number(value) > max) return `Value must be no more than ${max}`
    return undefined
  }

export const oneOf =
  (...values: readonly string[]): Check =>
  value =>
    values.includes(value) ? undefined : `String must be one of: ${values.join(', ')}`

export const listOfAny =
  (...values: readonly string[]): Check =>
  value => {
    const entries = listOf(value)
    const stranger = entries.find(entry => !values.includes(entry))
    if (stranger !== undefined) {
      return `String must be one of: ${values.join(', ')}`
    }
    if (new Set(entries).size !== entries.length) return 'Duplicate entries are not allowed'
    return undefined
  }

/** `partition:broker` pairs, or `*` for all replicas. */
export const throttledReplicas: Check = value => {
  if (value === '' || value === '*') return undefined
  const isFine = listOf(value).every(entry => /^\d+:\d+$/.test(entry))
  return isFine
    ? undefined
    : "Must be the literal '*' or a list of replicas in the following format: " +
        '[partitionId]:[brokerId],[partitionId]:[brokerId],...'
}
