import type { QueueSettings, QueueSpec } from '../queue/index.ts'
import { QueueWorld } from '../queue/world.fixture.ts'
import { Element, type List, Lists, type Side } from './index.ts'

/** Lists over queues, where time, turns, crashes and the disk do what the test says. */
export class ListWorld {
  lists!: Lists
  readonly queues: QueueWorld
  readonly element = new Element()

  constructor() {
    this.queues = new QueueWorld(false, ({ queues, topics }) => {
      this.lists = new Lists(queues.runtime, { queues, topics })
      return [this.lists]
    })
  }

  list(name = 'q'): List {
    return this.lists.open('/', name)
  }

  declare(settings: Partial<QueueSettings>, spec: Partial<QueueSpec> = {}): List {
    return this.list(this.queues.declare(settings, spec).spec.name)
  }

  /** False: one of them was refused. */
  push(side: Side, bodies: string, name = 'q'): boolean {
    return bodies.split(' ').every(body => this.list(name).push(side, Buffer.from(body)))
  }

  pop(side: Side, name = 'q', holder?: number): string | null {
    const list = this.lists.find('/', name)
    return list?.pop(side, this.element, holder) === true ? this.text : null
  }

  move(from: string, fromSide: Side, to: string, toSide: Side): string | null {
    const list = this.lists.find('/', from)
    const isMoved = list?.move(fromSide, this.list(to), toSide, this.element)
    return isMoved === true ? this.text : null
  }

  /** The leftmost first. */
  all(name = 'q'): string {
    const found: string[] = []
    const list = this.lists.find('/', name)
    list?.each(0, list.length - 1, element => found.push(element.copy().toString()))
    return found.join(' ')
  }

  get text(): string {
    return this.element.copy().toString()
  }

  /** What consumers would be given, in order. */
  handedOut(): string {
    this.queues.settle()
    const bodies: string[] = []
    for (;;) {
      const { got } = this.queues.pull(true)
      if (got === null || got === undefined) return bodies.join(' ')
      bodies.push(got.body)
    }
  }
}
