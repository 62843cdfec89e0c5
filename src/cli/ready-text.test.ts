import { expect, test } from 'vitest'
import { configOf } from '../config/index.ts'
import type { BoundListener } from '../server/index.ts'
import { readyText } from './ready-text.ts'

const listener = (change: Partial<BoundListener>): BoundListener => ({
  name: 'kafka',
  protocol: 'kafka',
  isTls: false,
  port: 9092,
  hosts: ['127.0.0.1', '::1'],
  advertised: null,
  ...change,
})
const amqp = { name: 'amqp091', protocol: 'amqp091', port: 5672 }

const cases: [name: string, bound: BoundListener[], lines: string[]][] = [
  [
    'on their own ports',
    [listener({}), listener(amqp)],
    [
      'Try:  echo hello | npx sabir produce greetings',
      '      npx sabir consume greetings --from-beginning',
      '      kcat -b localhost:9092 -t greetings -C',
      '      amqp-declare-queue -q orders',
      "      amqp-publish -r orders -b 'one tea'",
      '      amqp-get -q orders',
    ],
  ],
  [
    'AMQP alone, elsewhere',
    [listener({ ...amqp, port: 7000, hosts: ['10.0.0.1'] })],
    [
      'Try:  amqp-declare-queue -q orders -u amqp://10.0.0.1:7000',
      "      amqp-publish -r orders -b 'one tea' -u amqp://10.0.0.1:7000",
      '      amqp-get -q orders -u amqp://10.0.0.1:7000',
    ],
  ],
  [
    'one port for all',
    [listener({ name: 'all', protocol: 'auto', port: 4000 })],
    [
      'Try:  echo hello | npx sabir produce greetings --broker localhost:4000',
      '      npx sabir consume greetings --from-beginning --broker localhost:4000',
      '      kcat -b localhost:4000 -t greetings -C',
      '      amqp-declare-queue -q orders -u amqp://localhost:4000',
      "      amqp-publish -r orders -b 'one tea' -u amqp://localhost:4000",
      '      amqp-get -q orders -u amqp://localhost:4000',
      "      redis-cli -p 4000 lpush orders 'one coffee'",
      '      redis-cli -p 4000 brpop orders 5',
    ],
  ],
  ['only over TLS', [listener({ isTls: true })], []],
]
for (const [name, bound, lines] of cases) {
  test(`ready: what to try, ${name}`, () => {
    const text = readyText(configOf({}), bound)
    const from = text.indexOf('\n\nTry:')
    expect(from < 0 ? '' : text.slice(from + 2)).toBe(lines.map(line => `${line}\n`).join(''))
  })
}
