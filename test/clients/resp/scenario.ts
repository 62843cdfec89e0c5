/** Keeps what a client saw; values are compared with what it saw at redis-server. */
export type Note = (label: string, value: unknown) => void

/** One thing that users do with a client. */
export type Scenario<Client> = {
  readonly name: string
  run(stage: Stage<Client>): Promise<void>
}

export type Stage<Client> = {
  readonly client: Client
  readonly note: Note
  /** Another connection with the same settings, closed after the scenario. */
  another(): Promise<Client>
}

/** A client, or a whole application of one; its notes are compared with those at redis-server. */
export type Program = {
  readonly name: string
  prepare(): Promise<void>
  run(address: string, note: Note): Promise<void>
}

type Kind<Client> = {
  readonly name: string
  readonly scenarios: readonly Scenario<Client>[]
  open(host: string, port: number): Promise<Client>
  close(client: Client): Promise<void>
  empty(client: Client): Promise<void>
}

/** A client library in this process: each of its scenarios begins without keys. */
export function libraryProgram<Client>(kind: Kind<Client>): Program {
  return {
    name: kind.name,
    prepare: async () => {},
    run: async (address, note) => {
      const [host = '', port] = address.split(':')
      for (const scenario of kind.scenarios) {
        const opened: Client[] = []
        const another = async (): Promise<Client> => {
          const client = await kind.open(host, Number(port))
          opened.push(client)
          return client
        }
        try {
          const client = await another()
          await kind.empty(client)
          const noted: Note = (label, value) => note(`${scenario.name}: ${label}`, value)
          await inTime(scenario.run({ client, note: noted, another }))
        } catch (error) {
          throw new Error(`${scenario.name}: ${String(error)}`, { cause: error })
        } finally {
          for (const client of opened) await kind.close(client)
        }
      }
    },
  }
}

/** How long one scenario may take before it fails: what waits for ever is to be named. */
const SCENARIO_MS_MAX = 30_000

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`it took over ${SCENARIO_MS_MAX} ms`)
    timer = setTimeout(reject, SCENARIO_MS_MAX, error)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What a call is refused with, or that it was not. */
export async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return 'done'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
