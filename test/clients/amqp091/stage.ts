import {
  ClientError,
  type Driver,
  type Message,
  type Operation,
  type Operations,
} from './driver.ts'

/** What a scenario saw: values by label. */
export type Notes = Record<string, unknown>

/** What a scenario works with. Names that it makes begin with `name`, which nobody else uses. */
export type Stage = {
  readonly client: Operations
  readonly name: string
  /** Stops the broker in good order and starts it again on the same data and port. */
  restart(): Promise<void>
  note(label: string, value: unknown): void
  /** Notes the broker's code and words, or `done` when it did what was asked. */
  refused(label: string, run: () => Promise<unknown>): Promise<void>
}

/** What Sabir answers where it is meant to differ from RabbitMQ 3.10, made of what that answers. */
export type Difference = { readonly because: string; notes(recorded: Notes): Notes }

export type Scenario = {
  readonly name: string
  readonly differs?: Difference
  /** Clients that cannot do it, or do it their own way, and why. */
  readonly except?: Readonly<Record<string, string>>
  run(stage: Stage): Promise<void>
}

/** A client lacks an operation that a scenario turned out to need. */
export class NotSupported extends Error {
  override readonly name = 'NotSupported'
}

type Circumstances = {
  readonly name: string
  /** Null when the broker is somebody else's. */
  readonly restart: (() => Promise<void>) | null
}

/** Runs a scenario and returns what it noted; names that differ between runs are made equal. */
export async function perform(
  scenario: Scenario,
  driver: Driver,
  { name, restart }: Circumstances,
): Promise<Notes> {
  const notes: Notes = {}
  const note = (label: string, value: unknown): void => {
    if (label in notes) throw new Error(`"${label}" is noted twice`)
    notes[label.replaceAll(name, '{name}')] = equalized(value, name)
  }
  const refused = async (label: string, run: () => Promise<unknown>): Promise<void> => {
    try {
      await run()
      note(label, 'done')
    } catch (error) {
      if (!(error instanceof ClientError) || error.code === null) throw error
      note(label, `${error.code} ${error.message}`)
    }
  }
  const client = new Proxy(driver.operations, {
    get: (operations, operation: Operation) => {
      const run = operations[operation]
      if (run === undefined) throw new NotSupported(operation)
      return run
    },
  }) as Operations // What is absent is found out when it is called.
  try {
    await scenario.run({
      ...{ client, name, note, refused },
      restart: async () => {
        if (restart === null) throw new NotSupported('restart')
        await client.reset({})
        await restart()
      },
    })
  } finally {
    await client.reset({}).catch(() => {})
  }
  return notes
}

function equalized(value: unknown, name: string): unknown {
  const text = JSON.stringify(value ?? null)
    .replaceAll(name, '{name}')
    .replaceAll(/amq\.gen-[\w-]+/g, 'amq.gen-*')
    .replaceAll(/amq\.ctag-[\w-]+/g, 'amq.ctag-*')
    .replaceAll(/amq\.rabbitmq\.reply-to\.[\w+/=.-]+/g, 'amq.rabbitmq.reply-to.*')
  return JSON.parse(text)
}

export const bodiesOf = (messages: readonly Message[]): string[] => messages.map(({ body }) => body)

/** Several messages told apart by number: `m1`, `m2`, … */
export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `m${index + 1}`)

/** Asks until the answer is yes: for what brokers do in their own time. */
export async function eventually(ask: () => Promise<boolean>, timeoutMs = 8000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
