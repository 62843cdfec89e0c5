/** A client, with what its users do; its notes are compared with those at Disque itself. */
export type Program = {
  readonly name: string
  prepare(): Promise<void>
  run(stage: Stage): Promise<void>
}

export type Stage = {
  readonly address: string
  note(label: string, value: unknown): void
  /** Stops the broker in good order and starts it again on the same port. */
  restart(): Promise<void>
}

/** Ids and addresses are not the same twice: the form of them is, and the last digits of ids. */
export function masked(value: unknown, address: string): unknown {
  const port = address.split(':')[1] ?? ''
  const text = JSON.stringify(value ?? null)
    .replaceAll(/D-[0-9a-f]{8}-[A-Za-z0-9+/]{24}-(?=[0-9a-f]{4})/g, 'D-…-')
    .replaceAll(/"[0-9a-f]{40}"/g, '"(node)"')
    .replaceAll(`"${port}"`, '"(port)"')
  return JSON.parse(text) as unknown
}
