import { BrokerError } from '../errors.ts'
import { limits } from '../../limits/limits.ts'
import { type Outcome, sections, type SectionName } from './sections/index.ts'
import { plainObject } from './item.ts'
import type { DefinitionParts } from './parts.ts'

export type ImportOptions = {
  /** Where everything goes that names no namespace: for definitions of a single one. */
  readonly namespace?: string
  /** Who imports; becomes the owner of what is made. */
  readonly user: string
}

export type ImportFailure = { readonly section: SectionName; readonly message: string }

/** What came of each part; `kept` was there already, just so. */
export type ImportReport = {
  readonly counts: Readonly<Partial<Record<SectionName, Readonly<Record<Outcome, number>>>>>
  readonly failures: readonly ImportFailure[]
}

/** What a section needs to know of the rest. */
export type ImportContext = {
  readonly parts: DefinitionParts
  readonly user: string
  readonly namespace: string | null
  /** "3.5.7"; empty when it does not say. */
  readonly version: string
}

/**
 * Makes what definitions say, part by part in RabbitMQ's order. What is there already stays; what
 * cannot be made is reported and the rest goes on. Resolves when all of it is on the disk. Throws
 * `malformed` for what is no definitions at all, and then nothing is changed; and `storage`.
 */
export async function importDefinitions(
  parts: DefinitionParts,
  json: unknown,
  options: ImportOptions,
): Promise<ImportReport> {
  const definitions = plainObject(json)
  if (definitions === null) throw new BrokerError('malformed', 'definitions are a JSON object')
  const namespace = options.namespace ?? null
  if (namespace !== null) parts.namespaces.get(namespace)
  const lists = listsOf(definitions, namespace)
  checkQueueLimits(parts, lists.get('queues') ?? [], namespace)
  const said = definitions['rabbitmq_version'] ?? definitions['rabbit_version']
  const version = typeof said === 'string' ? said : ''
  const context = { parts, user: options.user, namespace, version }
  const counts: Partial<Record<SectionName, Record<Outcome, number>>> = {}
  const failures: ImportFailure[] = []
  let done = 0
  for (const { name, put } of sections) {
    const list = lists.get(name)
    if (list === undefined) continue
    const count = (counts[name] = { made: 0, changed: 0, kept: 0 })
    for (const value of list) {
      try {
        count[put(context, value)]++
      } catch (thrown) {
        const error = BrokerError.from(thrown)
        if (error.kind === 'storage') throw error // Neither will the rest be taken.
        failures.push({ section: name, message: error.message })
      }
      if (++done % limits.definitionsPerTurn === 0) await turnOver(parts)
    }
  }
  await confirmed(parts)
  return { counts, failures }
}

function listsOf(
  definitions: Readonly<Record<string, unknown>>,
  namespace: string | null,
): Map<SectionName, readonly unknown[]> {
  const lists = new Map<SectionName, readonly unknown[]>()
  for (const { name, isOfNamespace } of sections) {
    const list = definitions[name]
    // Definitions for one namespace do not touch users and other namespaces.
    if (list === undefined || list === null || (namespace !== null && !isOfNamespace)) continue
    if (!Array.isArray(list)) throw new BrokerError('malformed', `"${name}" is not a list`)
    if (namespace === null && isOfNamespace) checkOrphans(name, list)
    lists.set(name, list)
  }
  return lists
}

function checkOrphans(name: SectionName, list: readonly unknown[]): void {
  const isOrphan = (value: unknown): boolean => plainObject(value)?.['vhost'] === undefined
  if (!list.some(isOrphan)) return
  throw new BrokerError(
    'malformed',
    `some ${name} in the definitions are missing the virtual host field. Such files are ` +
      'produced when definitions of a single virtual host are exported: say into which one ' +
      'they are to be imported',
  )
}

/** All queues of a namespace fit, or nothing is imported. */
function checkQueueLimits(
  { namespaces, queues }: DefinitionParts,
  list: readonly unknown[],
  namespace: string | null,
): void {
  const added = new Map<string, Set<string>>()
  for (const value of list) {
    const fields = plainObject(value)
    const [space, name] = [namespace ?? fields?.['vhost'], fields?.['name']]
    if (typeof space !== 'string' || typeof name !== 'string') continue
    if (queues.find(space, name) !== undefined) continue
    added.set(space, (added.get(space) ?? new Set()).add(name))
  }
  for (const [space, { size }] of added) {
    const max = namespaces.find(space)?.queuesMax ?? null
    const count = [...queues.inNamespace(space)].length
    if (max === null || count + size <= max) continue
    throw new BrokerError(
      'precondition-failed',
      `Adding ${size} queue(s) to virtual host "${space}" would exceed the limit of ${max} ` +
        `queue(s).\n\nThis virtual host currently has ${count} queue(s) defined.\n\n` +
        'Import aborted!',
    )
  }
}

const turnOver = ({ runtime }: DefinitionParts): Promise<void> =>
  new Promise(resolve => runtime.timers.soon(resolve))

function confirmed({ runtime }: DefinitionParts): Promise<void> {
  return new Promise((resolve, reject) => {
    runtime.store.whenConfirmed('sync', refusal => {
      if (refusal === null) resolve()
      else reject(new BrokerError('storage', refusal.message))
    })
  })
}
