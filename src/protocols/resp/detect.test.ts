import { expect, test } from 'vitest'
import { detect } from './detect.ts'

test.each([
  ['', 'unsure'],
  ['*', 'unsure'],
  ['*1\r\n', 'yes'],
  ['*x', 'no'],
  ['PI', 'unsure'],
  ['ping\r\n', 'yes'],
  ['INFO server\n', 'yes'],
  ['GET / HTTP/1.1\r\nHost: x\r\n', 'no'],
  ['POST / HTTP/1.1\r\n', 'no'],
  ['AMQP\0\0\x09\x01', 'no'],
  ['\0\0\0\x20', 'no'],
  ['nosuch\r\n', 'no'],
])('resp: the first bytes %j: %s', (prefix, answer) => {
  expect(detect(Buffer.from(prefix, 'latin1'))).toBe(answer)
})
