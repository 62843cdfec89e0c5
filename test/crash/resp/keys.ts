/** What one client believes of its own keys: nobody else writes them. */
export type Keys = {
  count: number
  text: string | null
  /** What `text` was renamed to. */
  moved: string | null
  list: string[]
  other: string[]
  hash: Record<string, string>
  scores: Record<string, number>
  /** In the order in which they were added. */
  entries: { id: number; value: string }[]
  lastId: number
  delivered: number
  pending: { id: number; consumer: string; count: number }[]
}

export const nothing = (): Keys => ({
  count: 0,
  text: null,
  moved: null,
  list: [],
  other: [],
  hash: {},
  scores: {},
  entries: [],
  lastId: 0,
  delivered: 0,
  pending: [],
})

/** One command: its words, and what it does and answers, shown as `show` of test/resp shows it. */
export type Deed = { readonly words: readonly string[]; run(keys: Keys): string }

type Dice = () => number

const CONSUMERS = ['anna', 'bert']
/** From here on more is taken than added. */
const FULL = 40

/** Chooses deeds for the keys whose names begin with `prefix`. */
export class Deeds {
  readonly #prefix: string
  readonly #random: Dice
  #serial = 0

  constructor(prefix: string, random: Dice) {
    this.#prefix = prefix
    this.#random = random
  }

  /** Made before anything else: a stream's group has to be there. */
  get setUp(): readonly string[] {
    return ['XGROUP', 'CREATE', this.#key('stream'), 'g', '0', 'MKSTREAM']
  }

  /** What tells everything of the keys, and the same of what is believed. */
  get questions(): readonly (readonly string[])[] {
    const stream = this.#key('stream')
    return [
      ['GET', this.#key('count')],
      ['GET', this.#key('text')],
      ['GET', this.#key('moved')],
      ['LRANGE', this.#key('list'), '0', '-1'],
      ['LRANGE', this.#key('other'), '0', '-1'],
      ['HGETALL', this.#key('hash')],
      ['ZRANGE', this.#key('scores'), '0', '-1', 'WITHSCORES'],
      ['XRANGE', stream, '-', '+'],
      ['XPENDING', stream, 'g', '-', '+', '1000'],
    ]
  }

  /** One that makes sense with these keys. */
  next(keys: Keys): Deed {
    const kinds = [this.#number, this.#push, this.#pop, this.#move, this.#fields, this.#stream]
    return this.#pick(kinds).call(this, keys)
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!
  }

  #value(): string {
    const padding = this.#random() < 0.05 ? '.'.repeat(5000) : ''
    return `${++this.#serial}${padding}`
  }

  #number({ text }: Keys): Deed {
    if (this.#random() < 0.5)
      return {
        words: ['INCR', this.#key('count')],
        run: keys => `:${++keys.count}`,
      }
    if (text !== null && this.#random() < 0.4)
      return {
        words: ['RENAME', this.#key('text'), this.#key('moved')],
        run: keys => {
          keys.moved = keys.text
          keys.text = null
          return '+OK'
        },
      }
    const value = this.#value()
    return {
      words: ['SET', this.#key('text'), value],
      run: keys => {
        keys.text = value
        return '+OK'
      },
    }
  }

  #push(keys: Keys): Deed {
    if (keys.list.length > FULL) return this.#pop()
    const value = this.#value()
    const side = this.#pick(['LPUSH', 'RPUSH'])
    return {
      words: [side, this.#key('list'), value],
      run: ({ list }) => `:${side === 'LPUSH' ? list.unshift(value) : list.push(value)}`,
    }
  }

  #pop(): Deed {
    const [side, name] = [this.#pick(['LPOP', 'RPOP']), this.#pick(['list', 'other'] as const)]
    return {
      words: [side, this.#key(name)],
      run: keys => shown(side === 'LPOP' ? keys[name].shift() : keys[name].pop()),
    }
  }

  #move(keys: Keys): Deed {
    const middle = Math.floor(this.#random() * keys.list.length)
    if (this.#random() < 0.2 && keys.list.length > 0) {
      const value = this.#value()
      return {
        words: ['LSET', this.#key('list'), String(middle), value],
        run: ({ list }) => {
          list[middle] = value
          return '+OK'
        },
      }
    }
    if (this.#random() < 0.2 && keys.list.length > 0) {
      const value = keys.list[middle]!
      return {
        words: ['LREM', this.#key('list'), '1', value],
        run: ({ list }) => `:${list.splice(list.indexOf(value), 1).length}`,
      }
    }
    return {
      words: ['LMOVE', this.#key('list'), this.#key('other'), 'RIGHT', 'LEFT'],
      run: ({ list, other }) => {
        const moved = list.pop()
        if (moved !== undefined) other.unshift(moved)
        return shown(moved)
      },
    }
  }

  #fields(): Deed {
    const field = this.#pick(['a', 'b', 'c', 'd'])
    if (this.#random() < 0.2)
      return {
        words: ['HDEL', this.#key('hash'), field],
        run: ({ hash }) => `:${field in hash && delete hash[field] ? 1 : 0}`,
      }
    if (this.#random() < 0.5) {
      const value = this.#value()
      return {
        words: ['HSET', this.#key('hash'), field, value],
        run: ({ hash }) => {
          const isNew = !(field in hash)
          hash[field] = value
          return isNew ? ':1' : ':0'
        },
      }
    }
    const score = Math.floor(this.#random() * 1000)
    return {
      words: ['ZADD', this.#key('scores'), String(score), field],
      run: ({ scores }) => {
        const isNew = !(field in scores)
        scores[field] = score
        return isNew ? ':1' : ':0'
      },
    }
  }

  #stream(keys: Keys): Deed {
    const dice = this.#random()
    if (dice < 0.35) return this.#add(keys)
    if (dice < 0.6) return this.#read(this.#pick(CONSUMERS))
    const one = this.#pick(keys.pending)
    if (one === undefined) return this.#add(keys)
    return dice < 0.85 ? this.#acknowledge(one.id) : this.#claim(one.id, this.#pick(CONSUMERS))
  }

  #add(keys: Keys): Deed {
    const value = this.#value()
    const id = keys.lastId + 1
    return {
      words: ['XADD', this.#key('stream'), 'MAXLEN', '60', `${id}-0`, 'f', value],
      run: now => {
        now.lastId = id
        now.entries.push({ id, value })
        now.entries.splice(0, now.entries.length - 60)
        return `"${id}-0"`
      },
    }
  }

  #read(consumer: string): Deed {
    const stream = this.#key('stream')
    return {
      words: ['XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', '2', 'STREAMS', stream, '>'],
      run: keys => {
        const fresh = keys.entries.filter(({ id }) => id > keys.delivered).slice(0, 2)
        if (fresh.length === 0) return '(no array)'
        keys.delivered = fresh.at(-1)!.id
        keys.pending.push(...fresh.map(({ id }) => ({ id, consumer, count: 1 })))
        return `[["${stream}", [${fresh.map(entryShown).join(', ')}]]]`
      },
    }
  }

  #acknowledge(id: number): Deed {
    return {
      words: ['XACK', this.#key('stream'), 'g', `${id}-0`],
      run: keys => {
        const before = keys.pending.length
        keys.pending = keys.pending.filter(one => one.id !== id)
        return `:${before - keys.pending.length}`
      },
    }
  }

  #claim(id: number, consumer: string): Deed {
    return {
      words: ['XCLAIM', this.#key('stream'), 'g', consumer, '0', `${id}-0`],
      run: keys => {
        const entry = keys.entries.find(one => one.id === id)
        const index = keys.pending.findIndex(one => one.id === id)
        if (index === -1) return '[]'
        const [one] = keys.pending.splice(index, 1)
        if (entry === undefined) return '[]' // Trimmed meanwhile: it is pending no more.
        keys.pending.push({ id, consumer, count: one!.count + 1 })
        return `[${entryShown(entry)}]`
      },
    }
  }
}

const shown = (value: string | undefined): string =>
  value === undefined ? '(no bulk)' : `"${value}"`

const listShown = (values: readonly string[]): string =>
  `[${values.map(value => `"${value}"`).join(', ')}]`

const entryShown = ({ id, value }: { id: number; value: string }): string =>
  `["${id}-0", ["f", "${value}"]]`

/** The answers to all questions, if this is what the server has. */
export function answersOf(keys: Keys): string[] {
  const scores = Object.entries(keys.scores).toSorted(
    ([one, first], [other, second]) => first - second || (one < other ? -1 : 1),
  )
  const pending = keys.pending.toSorted((one, other) => one.id - other.id)
  return [
    keys.count === 0 ? '(no bulk)' : `"${keys.count}"`,
    shown(keys.text ?? undefined),
    shown(keys.moved ?? undefined),
    listShown(keys.list),
    listShown(keys.other),
    Object.entries(keys.hash)
      .map(([field, value]) => `${field}=${value}`)
      .toSorted()
      .join(),
    listShown(scores.flatMap(([member, score]) => [member, String(score)])),
    `[${keys.entries.map(entryShown).join(', ')}]`,
    pending.map(({ id, consumer, count }) => `${id} ${consumer} ${count}`).join(),
  ]
}
