import { limits } from '../../limits/limits.ts'

/** Kafka's bound: a partition's folder, `name-12345.hash-delete`, has to fit in 255 characters. */
const NAME_LENGTH_MAX = 249

const LEGAL = /^[a-zA-Z0-9._-]+$/

/** Why a topic cannot have this name, in Kafka's words; undefined when it can. */
export function topicNameFlaw(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed'
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`
  if (name.length > NAME_LENGTH_MAX) {
    return (
      `Topic name is invalid: the length of '${name}' is longer than ` +
      `the max allowed length ${NAME_LENGTH_MAX}`
    )
  }
  if (!LEGAL.test(name)) {
    return (
      `Topic name is invalid: '${name}' contains one or more characters other than ` +
      `ASCII alphanumerics, '.', '_' and '-'`
    )
  }
  return undefined
}

/** Names that differ in '.' and '_' only collide in metrics, so Kafka allows one of them. */
export const collisionKey = (name: string): string => name.replaceAll('.', '_')

/** The namespace of clients that know none. RabbitMQ calls it a virtual host, and this one `/`. */
export const DEFAULT_NAMESPACE = '/'

/** One key for a name in its namespace. No name holds a NUL. */
export const topicKey = (namespace: string, name: string): string =>
  namespace === DEFAULT_NAMESPACE ? name : `${namespace}\0${name}`

/** What AMQP 0-9-1 can say in a shortstr. */
const FREE_BYTES_MAX = 255

/** What is wrong with the name of a queue, or undefined; in AMQP it has 255 bytes at most. */
export function freeNameFlaw(name: string, bytesMax = FREE_BYTES_MAX): string | undefined {
  if (name === '') return 'A name cannot be empty.'
  if (name.includes('\0')) return 'A name cannot hold a NUL.'
  if (Buffer.byteLength(name) <= bytesMax) return undefined
  return `A name cannot be longer than ${bytesMax} bytes.`
}

/** Where a name can be used: everywhere, where names are free, or where keys may be long. */
export type Naming = 'portable' | 'free' | 'long'

export function nameFlaw(name: string, naming: Naming): string | undefined {
  if (naming === 'portable') return topicNameFlaw(name)
  return freeNameFlaw(name, naming === 'long' ? limits.keyNameBytesMax : FREE_BYTES_MAX)
}
