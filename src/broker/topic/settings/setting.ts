/** The types that Kafka's DescribeConfigs knows. */
export type SettingType =
  | 'boolean'
  | 'string'
  | 'int'
  | 'short'
  | 'long'
  | 'double'
  | 'list'
  | 'class'
  | 'password'

/** One thing that can be set, as text, the way Kafka's tools show and change it. */
export type Setting = {
  readonly name: string
  readonly type: SettingType
  /** As text; null means that nothing is set. */
  readonly default: string | null
  readonly check: Check | null
  /** One or two sentences for `kafka-configs.sh --describe --all` and the documentation. */
  readonly doc: string
  /** What stands in for it on the broker, in order: the first that is set wins. */
  readonly brokerNames: readonly BrokerName[]
}

/** Says what is wrong with a value of the right type, or undefined when it is fine. */
export type Check = (value: string) => Flaw | undefined
/** The reason, and the value or the part of it that is to blame. */
export type Flaw = { readonly why: string; readonly value: string }

/** `unitMs` turns hours and minutes into milliseconds. */
export type BrokerName = { readonly name: string; readonly unitMs: number }

const INT_MAX = 2_147_483_647n
const LONG_MAX = 9_223_372_036_854_775_807n
const BOUNDS = { int: INT_MAX, short: 32_767n, long: LONG_MAX } as const

/** What is wrong with a value, in Kafka's words, or undefined when it may be set. */
export function settingFlaw(setting: Setting, value: string): string | undefined {
  const why = flawOfType(setting, value)
  const flaw = why === undefined ? setting.check?.(value.trim()) : { why, value }
  if (flaw === undefined) return undefined
  const isDouble = setting.type === 'double' && why === undefined
  const shown = isDouble ? asDouble(flaw.value) : flaw.value
  return `Invalid value ${shown} for configuration ${setting.name}: ${flaw.why}`
}

/** Java writes whole doubles with a fraction, and so do its messages. */
const asDouble = (value: string): string =>
  Number.isInteger(Number(value)) ? `${Number(value)}.0` : value

function flawOfType(setting: Setting, value: string): string | undefined {
  const text = value.trim()
  switch (setting.type) {
    case 'boolean':
      return /^(true|false)$/i.test(text) ? undefined : 'Expected value to be either true or false'
    case 'int':
    case 'short':
    case 'long':
      return isWhole(text, BOUNDS[setting.type])
        ? undefined
        : `Not a number of type ${setting.type.toUpperCase()}`
    case 'double':
      return text !== '' && Number.isFinite(Number(text))
        ? undefined
        : 'Not a number of type DOUBLE'
    default:
      return undefined
  }
}

function isWhole(text: string, max: bigint): boolean {
  if (!/^[+-]?\d{1,19}$/.test(text)) return false
  const value = BigInt(text.replace('+', ''))
  return value <= max && value >= -max - 1n
}

/** The entries of a list setting. An empty text is an empty list. */
export function entriesOf(value: string): readonly string[] {
  return value
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
}
