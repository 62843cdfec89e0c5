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
