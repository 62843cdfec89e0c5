import { expect, test } from 'vitest'
import { amqp091Targets } from './fuzz/amqp091.ts'
import { kafkaTargets } from './fuzz/kafka.ts'
import { respTargets } from './fuzz/resp.ts'
import { turn } from './fuzz/target.ts'

const TURNS = 4000

/** A bounded slice of `npm run fuzz -- kafka`, always the same one. */
test(`fuzz: ${TURNS} mutated Kafka inputs are read or refused`, () => {
  for (let seed = 0; seed < TURNS; seed++) turn(kafkaTargets, seed)
})

/** The same of `npm run fuzz -- amqp091`. */
test(`fuzz: ${TURNS} mutated AMQP inputs are read or refused`, () => {
  for (let seed = 0; seed < TURNS; seed++) turn(amqp091Targets, seed)
})

/** The same of `npm run fuzz -- resp`. */
test(`fuzz: ${TURNS} mutated Redis inputs are answered or refused`, () => {
  for (let seed = 0; seed < TURNS; seed++) turn(respTargets, seed)
})

test('fuzz: a promise that is broken is told with the seed that replays it', () => {
  const broken = { name: 'broken', run: () => ([] as Buffer[])[0]!.length }
  expect(() => turn([broken], 17)).toThrow(/^broken, seed 17: /)
})
