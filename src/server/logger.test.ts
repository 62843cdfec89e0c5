import { expect, test } from 'vitest'
import { openLogger } from './logger.ts'

function logged(format: 'json' | 'pretty', facts: object): string {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  openLogger({ level: 'info', format, write, hasColors: false }).warn(facts, 'it happened')
  return lines.join('')
}

test('logger: an error is told with its words and where it came from', () => {
  const error = new Error('the disk is gone')
  const line = JSON.parse(logged('json', { error, queue: 'q' })) as Record<string, unknown>
  expect(line).toMatchObject({ level: 40, msg: 'it happened', queue: 'q', error: error.stack })
  expect(logged('pretty', { error })).toMatch(/ warn {2}it happened {2}error="Error: the disk is g/)
  expect(logged('pretty', { error: 'in words' })).toContain('error="in words"')
})
