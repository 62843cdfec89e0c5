import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openBroker } from '../../../test/broker/memory-broker.ts'
import { matchesGlob } from '../../lib/glob.ts'
import { ChannelWorld, Ear } from './world.fixture.ts'

/** Names that patterns tell apart. */
const names = ['a', 'ab', 'b'] as const
const patterns = ['*', 'a*', 'b'] as const
const EARS = 3

type Step =
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly ear: number; readonly name: string }
  | { readonly kind: 'psubscribe' | 'punsubscribe'; readonly ear: number; readonly name: string }
  | { readonly kind: 'publish' | 'append'; readonly name: string }
  | { readonly kind: 'topic' | 'queue' | 'apart'; readonly name: string }
  | { readonly kind: 'settle' }

const ear = fc.nat({ max: EARS - 1 })
const name = fc.constantFrom(...names)
const pattern = fc.constantFrom(...patterns)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('subscribe', 'unsubscribe'), ear, name }),
  fc.record({ kind: fc.constantFrom('psubscribe', 'punsubscribe'), ear, name: pattern }),
  fc.record({ kind: fc.constant('publish'), name }),
  fc.record({ kind: fc.constant('append'), name }),
  fc.record({ kind: fc.constantFrom('topic', 'queue', 'apart'), name }),
  fc.record({ kind: fc.constant('settle') }),
)

type Subscription = { readonly ear: number; readonly name: string; readonly isPattern: boolean }
type Waiting = { readonly to: Subscription; readonly text: string }

/** What should be heard, by the plainest means: a list of subscriptions, and one of messages. */
class Model {
  subscriptions: Subscription[] = []
  /** Published to topics, and not confirmed. */
  waiting: Waiting[] = []
  readonly heard: string[][] = Array.from({ length: EARS }, () => [])
  readonly topics = new Map<string, { isQueued: boolean }>()

  find(ear: number, name: string, isPattern: boolean): Subscription | undefined {
    return this.subscriptions.find(
      each => each.ear === ear && each.name === name && each.isPattern === isPattern,
    )
  }

  isChannel(name: string): boolean {
    return this.topics.get(name)?.isQueued === false
  }

  publish(name: string, body: string): number {
    const to = this.subscriptions.filter(each =>
      each.isPattern ? matchesGlob(each.name, name) : each.name === name,
    )
    const made = to.map(each => {
      return { to: each, text: `${each.isPattern ? `${each.name} ` : ''}${name} ${body}` }
    })
    if (this.isChannel(name)) this.waiting.push(...made)
    else for (const each of made) this.heard[each.to.ear]!.push(each.text)
    return made.length
  }

  settle(): void {
    for (const { to, text } of this.waiting)
      if (this.subscriptions.includes(to)) this.heard[to.ear]!.push(text)
    this.waiting = []
  }
}

/** Runs one step on both. */
class Run {
  readonly model = new Model()
  readonly ears = Array.from({ length: EARS }, () => new Ear())
  readonly world: ChannelWorld
  #bodies = 0

  constructor(world: ChannelWorld) {
    this.world = world
  }

  async settle(): Promise<void> {
    await this.world.settle()
    this.model.settle()
  }

  async step(step: Step): Promise<void> {
    const space = this.world.broker.channels.in('/')
    switch (step.kind) {
      case 'subscribe':
      case 'psubscribe': {
        const isPattern = step.kind === 'psubscribe'
        const isNew = this.model.find(step.ear, step.name, isPattern) === undefined
        const given = this.ears[step.ear]!
        if (isPattern) expect(space.subscribePattern(step.name, given)).toBe(isNew)
        else expect(space.subscribe(step.name, given)).toBe(isNew)
        if (isNew) this.model.subscriptions.push({ ear: step.ear, name: step.name, isPattern })
        break
      }
      case 'unsubscribe':
      case 'punsubscribe': {
        const isPattern = step.kind === 'punsubscribe'
        const known = this.model.find(step.ear, step.name, isPattern)
        const given = this.ears[step.ear]!
        const was = isPattern
          ? space.unsubscribePattern(step.name, given)
          : space.unsubscribe(step.name, given)
        expect(was).toBe(known !== undefined)
        this.model.subscriptions = this.model.subscriptions.filter(each => each !== known)
        break
      }
      case 'publish': {
        const body = String(this.#bodies++)
        expect(this.world.publish(step.name, body)).toBe(this.model.publish(step.name, body))
        break
      }
      case 'append':
        if (!this.model.isChannel(step.name)) break
        await this.settle() // What is published lies in the log at the end of its turn only.
        this.world.append(step.name, String(this.#bodies))
        this.model.publish(step.name, String(this.#bodies++))
        break
      case 'settle':
        await this.settle()
        break
      default:
        await this.#change(step.kind, step.name)
    }
  }

  /** A topic comes or goes; a queue is declared on it, or goes; in turns of their own. */
  async #change(kind: 'topic' | 'queue' | 'apart', name: string): Promise<void> {
    const { world, model } = this
    const known = model.topics.get(name)
    if (kind === 'topic' && known === undefined) {
      world.topic(name)
      model.topics.set(name, { isQueued: false })
    } else if (kind === 'topic') {
      await this.settle()
      world.deleteTopic(name)
      model.topics.delete(name)
    } else if (known !== undefined) {
      await this.settle()
      if (known.isQueued) world.deleteQueue(name)
      else world.queue(name)
      known.isQueued = !known.isQueued
      if (kind === 'apart') await this.settle()
    }
  }
}

/** By channel, and by what somebody subscribed to: between different ones there is no order. */
function inOrder(heard: readonly string[]): Record<string, string[]> {
  const by: Record<string, string[]> = {}
  for (const text of heard) (by[text.replace(/ \d+$/, '')] ??= []).push(text)
  return by
}

test('channels: everybody hears what a list of subscriptions says, topics or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
      const run = new Run(new ChannelWorld(await openBroker()))
      for (const each of steps) await run.step(each)
      await run.settle()
      for (let index = 0; index < EARS; index++)
        expect(inOrder(run.ears[index]!.heard)).toEqual(inOrder(run.model.heard[index]!))
      const wanted = names.filter(
        each =>
          run.model.isChannel(each) &&
          run.model.subscriptions.some(({ isPattern, name: to }) =>
            isPattern ? matchesGlob(to, each) : to === each,
          ),
      )
      expect(run.world.broker.streams.count).toBe(wanted.length)
      await run.world.broker.close()
    }),
    { numRuns: 150 },
  )
}, 60_000)
