import { type Check, entriesOf } from './setting.ts'

/** What values of settings are measured by. The reasons are in Kafka's words. */

export const atLeast =
  (min: number): Check =>
  value =>
    Number(value) >= min ? undefined : { value, why: `Value must be at least ${min}` }

export const between =
  (min: number, max: number): Check =>
  value => {
    if (Number(value) < min) return { value, why: `Value must be at least ${min}` }
    if (Number(value) > max) return { value, why: `Value must be no more than ${max}` }
    return undefined
  }

export const gzipLevel: Check = value => {
  const level = Number(value)
  if (level === -1 || (level >= 1 && level <= 9)) return undefined
  return { value, why: 'Value must be between 1 and 9 or equal to -1' }
}

export const oneOf =
  (...values: readonly string[]): Check =>
  value =>
    values.includes(value)
      ? undefined
      : { value, why: `String must be one of: ${values.join(', ')}` }

/** Each entry of a list is one of these; the list may be empty. */
export const listOfAny =
  (...values: readonly string[]): Check =>
  value => {
    const stranger = entriesOf(value).find(entry => !values.includes(entry))
    if (stranger === undefined) return undefined
    return { value: stranger, why: `String must be one of: ${values.join(', ')}` }
  }

/** `partition:broker` pairs, or `*` for all replicas. */
export const throttledReplicas =
  (name: string): Check =>
  value => {
    const entries = entriesOf(value)
    if (value === '*' || entries.every(entry => /^\d+:\d+$/.test(entry))) return undefined
    return {
      value: `[${entries.join(', ')}]`,
      why:
        `${name} must be the literal '*' or a list of replicas in the following format: ` +
        '[partitionId]:[brokerId],[partitionId]:[brokerId],...',
    }
  }

/** How share groups begin: at an end of the log, or at an age written as ISO 8601. */
export const offsetReset: Check = value => {
  if (value === 'latest' || value === 'earliest') return undefined
  if (/^by_duration:P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(value)) {
    return undefined
  }
  return { value, why: 'Value must be latest, earliest or by_duration:PnDTnHnMn.nS' }
}
