import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { command } from './command.ts'

/** A broker in a process of its own, from the sources. */
class Started {
  readonly child: ChildProcess
  out = ''
  error = ''

  constructor(...words: string[]) {
    const source = "import('./src/main.ts').then(({ main }) => main(process.argv.slice(1)))"
    this.child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', source, '--', ...words],
      { stdio: 'pipe', env: { ...process.env, NO_COLOR: '1' } },
    )
    this.child.stdout?.on('data', chunk => {
      this.out += chunk
    })
    this.child.stderr?.on('data', chunk => {
      this.error += chunk
    })
  }

  /** Until it says that it is ready. Returns the port of Kafka's listener. */
  async ready(): Promise<number> {
    await expect.poll(() => this.out, { timeout: 20_000 }).toMatch(/Try:/)
    return Number(/kafka +127\.0\.0\.1:(\d+)/.exec(this.out)?.[1])
  }

  async exit(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'exit')
    return this.child.exitCode
  }
}

let folder: string
const all: Started[] = []
const start = (...words: string[]): Started => {
  const started = new Started(...words)
  all.push(started)
  return started
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-start-'))
})
afterEach(async () => {
  for (const { child } of all.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

describe('sabir start', () => {
  test('says where it listens, keeps records over a stop, and ends with 0', async () => {
    const data = join(folder, 'data')
    const lines = join(folder, 'lines')
    writeFileSync(lines, 'one\ntwo\n')
    const flags = ['--data', data, '--kafka-port', '0']
    const first = start(...flags)
    const port = await first.ready()
    expect(first.out).toContain(data)
    expect(first.out).toContain('(sync)')
    const at = ['--broker', `127.0.0.1:${port}`]
    expect(await command('produce', 'kept', '-f', lines, ...at)).toMatchObject({ code: 0 })
    first.child.kill('SIGTERM')
    expect(await first.exit()).toBe(0)
    const second = start('start', ...flags)
    const again = ['--broker', `127.0.0.1:${await second.ready()}`]
    expect((await command('consume', 'kept', '-b', ...again)).out).toBe('one\ntwo\n')
    second.child.kill('SIGINT')
    expect(await second.exit()).toBe(0)
  })

  test('a second broker on the same folder is refused', async () => {
    const flags = ['--data', folder, '--kafka-port', '0']
    await start(...flags).ready()
    const second = start(...flags)
    expect(await second.exit()).toBe(1)
    expect(second.error).toContain(folder)
  })

  test('a configured port that is taken fails, and says why', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const started = start('--storage', 'memory', '--kafka-port', String(port))
    expect(await started.exit()).toBe(1)
    expect(started.error).toContain(`cannot listen on 127.0.0.1 port ${port}`)
    expect(started.error).not.toContain('    at ')
    other.close()
  })

  test('a configuration that cannot be used ends with 2', async () => {
    const started = start('--durability', 'perhaps')
    expect(await started.exit()).toBe(2)
    expect(started.error).toBe(
      'sabir: cannot start: flag --durability: durability is "perhaps"; ' +
        'allowed: sync, async, memory\n',
    )
  })
})
