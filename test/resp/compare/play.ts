import { setTimeout as sleep } from 'node:timers/promises'
import type { Reply } from '../reply.ts'
import { RespSocket } from '../socket.ts'
import { changes, contents, fill } from './fixture.ts'
import { timeless } from './timeless.ts'
import type { Deed, Section, Step } from './script.ts'
import { showMasked } from './show.ts'

/** What a server answered to each step of a section, shown; shorter when it stopped answering. */
export type Answers = readonly (readonly [line: string, shown: string])[]

const NOTHING_MS = 25

/** Plays one section against a server that is emptied before. */
export async function play(
  address: string,
  { steps }: Section,
  version: 2 | 3,
  emptying: readonly string[] = ['FLUSHALL'],
): Promise<Answers> {
  await using stage = await Stage.open(address, version, emptying)
  const answers: [string, string][] = []
  for (const step of steps) {
    const shown = timeless(await stage.perform(step))
    answers.push([step.line, shown])
    if (shown === NO_ANSWER) break
  }
  return answers
}

const NO_ANSWER = '(no answer)'
const CLOSED = '(closed)'

/** The clients of one section. */
class Stage implements AsyncDisposable {
  readonly #address: string
  readonly #version: 2 | 3
  /** Makes sure that what others sent has been read: nothing of it is shown. */
  readonly #control: RespSocket
  readonly #clients = new Map<string, RespSocket>()
  readonly #variables = new Map<string, string>()
  /** The keys of the fixture; null when something else may be there. */
  #filled: Map<string, string> | null = null

  static async open(address: string, version: 2 | 3, emptying: readonly string[]): Promise<Stage> {
    const control = await RespSocket.open(address)
    await control.ask(...emptying)
    return new Stage(address, version, control)
  }

  private constructor(address: string, version: 2 | 3, control: RespSocket) {
    this.#address = address
    this.#version = version
    this.#control = control
  }

  async perform({ client, does }: Step): Promise<string> {
    switch (does.kind) {
      case 'wait':
        await sleep(does.ms)
        return ''
      case 'command':
      case 'raw':
        return this.#send(await this.#client(client), does)
      case 'next':
        return this.#next(await this.#client(client), does.masks)
      case 'nothing': {
        const socket = await this.#client(client)
        await this.#settle()
        const reply = await socket.next(NOTHING_MS)
        return reply === undefined ? '(nothing)' : showMasked(reply, [])
      }
      case 'closed': {
        const reply = await (await this.#client(client)).next()
        return reply === undefined ? this.#end(client) : showMasked(reply, [])
      }
      case 'close':
        await (await this.#client(client)).close()
        this.#clients.delete(client)
        await this.#settle()
        return ''
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#clients.values()) await socket.close()
    await this.#settle().catch(() => {})
    await this.#control.close()
  }

  #end(client: string): string {
    return this.#clients.get(client)!.isClosed ? CLOSED : NO_ANSWER
  }

  async #client(name: string): Promise<RespSocket> {
    const known = this.#clients.get(name)
    if (known !== undefined) return known
    const socket = await RespSocket.open(this.#address)
    this.#clients.set(name, socket)
    if (this.#version === 3) await socket.ask('HELLO', '3')
    return socket
  }

  async #send(socket: RespSocket, does: Deed & { kind: 'command' | 'raw' }): Promise<string> {
    if (does.isFresh && this.#filled === null) {
      await fill(this.#control)
      this.#filled = await contents(this.#control)
    }
    let shown = ''
    for (let index = 0; index < does.times; index++) {
      const words = does.words.map(word => this.#filledIn(word, index))
      if (does.kind === 'raw') socket.raw(Buffer.from(words.join(''), 'latin1'))
      else socket.send(words)
      if (!does.isAwaited) continue
      const reply = await socket.next()
      if (reply === undefined) return socket.isClosed ? CLOSED : NO_ANSWER
      shown = showMasked(reply, does.masks)
      if (does.variable !== undefined) {
        this.#keep(does.variable, reply)
        shown = `(${does.variable})`
      }
    }
    if (!does.isAwaited) await this.#settle()
    return does.isFresh && !shown.startsWith('-') ? shown + (await this.#changes()) : shown
  }

  /** What a command did to the keys of the fixture. */
  async #changes(): Promise<string> {
    const shown = changes(this.#filled!, await contents(this.#control))
    if (shown !== '') this.#filled = null
    return shown
  }

  async #next(socket: RespSocket, masks: Parameters<typeof showMasked>[1]): Promise<string> {
    const reply = await socket.next()
    if (reply === undefined) return socket.isClosed ? CLOSED : NO_ANSWER
    return showMasked(reply, masks)
  }

  /**
   * Two round trips on another connection: what arrived before the first was read in the same
   * turn of the server at the latest.
   */
  async #settle(): Promise<void> {
    await this.#control.ask('PING')
    await this.#control.ask('PING')
  }

  #keep(variable: string, reply: Reply): void {
    this.#variables.set(variable, 'text' in reply ? reply.text : '')
  }

  #filledIn(word: string, index: number): string {
    return word.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      name === 'i' ? String(index) : (this.#variables.get(name) ?? whole),
    )
  }
}
