import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { command } from '../../server/command.ts'

let folder: string
let broker: ChildProcess
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-process-'))
  const source = "import('./src/main.ts').then(({ main }) => main(process.argv.slice(1)))"
  const node = ['--import', 'tsx', '--input-type=module', '-e', source, '--']
  const ports = ['--kafka-port', '0', '--amqp091-port', '0']
  broker = spawn(process.execPath, [...node, 'start', '--data', folder, ...ports], {
    stdio: 'ignore',
  })
})
afterEach(() => {
  if (broker.exitCode === null) broker.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const rabbitmqctl = (...words: string[]) => command('rabbitmqctl', '--data', folder, ...words)

test('a broker in a process of its own: waited for, stopped, started, and ended', async () => {
  const pid = ['--pid', String(broker.pid), '--timeout', '60']
  expect(await rabbitmqctl('-q', 'wait', ...pid)).toEqual({ code: 0, out: '', error: '' })
  expect(await rabbitmqctl('-q', 'check_port_connectivity')).toMatchObject({ code: 0 })
  expect(await rabbitmqctl('stop_app')).toMatchObject({ code: 0 })
  // It has no listener now, and is there all the same.
  expect(await rabbitmqctl('-q', 'list_users')).toMatchObject({ code: 64, out: '' })
  expect(await rabbitmqctl('start_app')).toMatchObject({ code: 0 })
  expect(await rabbitmqctl('-s', 'list_users')).toMatchObject({ out: 'guest\t[administrator]\n' })
  const ended = once(broker, 'exit')
  expect(await rabbitmqctl('shutdown')).toMatchObject({ code: 0, error: '' })
  expect(await ended).toEqual([0, null])
  expect(await rabbitmqctl('-q', 'ping')).toMatchObject({ code: 69 })
})
