import type { UserAccount } from '../access/index.ts'
import type { Namespace } from '../namespace/index.ts'
import type { Parameter, Policy } from '../policy/index.ts'
import type { Queue } from '../queue/index.ts'
import type { Binding, ExchangeSpec } from '../routing/index.ts'
import type { DefinitionNames, DefinitionParts } from './parts.ts'

type Json = Readonly<Record<string, unknown>>

/** Everything but messages, in the form of RabbitMQ's definitions: it can import it. */
export function exportDefinitions(parts: DefinitionParts, names: DefinitionNames): Json {
  const { access, namespaces, parameters, policies } = parts
  const all = [...namespaces.all()]
  const spaces = all.map(({ name }) => name)
  return {
    ...versions(names),
    rabbitmq_definition_format: 'cluster',
    users: [...access.all()].map(userDefinition),
    vhosts: all.map(namespaceDefinition),
    permissions: [...access.all()].flatMap(permissionDefinitions),
    topic_permissions: [...access.all()].flatMap(topicPermissionDefinitions),
    parameters: parameters.list().map(inNamespace(parameterDefinition)),
    global_parameters: [...parameters.globals()].map(([name, value]) => ({ name, value })),
    policies: policies.list().map(inNamespace(policyDefinition)),
    queues: spaces.flatMap(space => queuesOf(parts, space).map(ofSpec(queueDefinition))),
    exchanges: spaces.flatMap(space =>
      exchangesOf(parts, space).map(inNamespace(exchangeDefinition)),
    ),
    bindings: spaces.flatMap(space => bindingsOf(parts, space).map(inNamespace(bindingDefinition))),
  }
}

/** What one namespace holds; it can be imported into another. */
export function exportNamespace(
  parts: DefinitionParts,
  names: DefinitionNames,
  namespace: string,
): Json {
  const { description, tags, defaultQueueType } = parts.namespaces.get(namespace)
  return {
    ...versions(names),
    rabbitmq_definition_format: 'single_virtual_host',
    original_vhost_name: namespace,
    description,
    default_queue_type: defaultQueueType ?? 'classic',
    metadata: { description, tags, default_queue_type: defaultQueueType ?? 'classic' },
    parameters: parts.parameters.list(namespace).map(parameterDefinition),
    policies: parts.policies.list(namespace).map(policyDefinition),
    queues: queuesOf(parts, namespace).map(queueDefinition),
    exchanges: exchangesOf(parts, namespace).map(exchangeDefinition),
    bindings: bindingsOf(parts, namespace).map(bindingDefinition),
  }
}

const versions = ({ rabbitmqVersion, productName, productVersion }: DefinitionNames): Json => ({
  rabbit_version: rabbitmqVersion,
  rabbitmq_version: rabbitmqVersion,
  product_name: productName,
  product_version: productVersion,
})

/** Exclusive queues are left out: they belong to a connection. */
function queuesOf({ queues }: DefinitionParts, namespace: string): readonly Queue[] {
  return [...queues.inNamespace(namespace)].filter(({ spec }) => spec.owner === null)
}

function exchangesOf({ exchanges }: DefinitionParts, namespace: string): readonly ExchangeSpec[] {
  const specs = [...exchanges.inNamespace(namespace)].map(({ spec }) => spec)
  return specs.filter(({ name }) => name !== '' && !name.startsWith('amq.'))
}

/** Those of the default exchange are understood. So is nothing of exclusive queues. */
function bindingsOf({ exchanges, queues }: DefinitionParts, namespace: string): readonly Binding[] {
  return [...exchanges.bindings(namespace)].filter(binding => {
    if (binding.source === '') return false
    const isQueue = binding.destinationKind === 'queue'
    const queue = isQueue ? queues.find(namespace, binding.destination) : undefined
    return queue === undefined || queue.spec.owner === null
  })
}

const inNamespace =
  <Thing extends { readonly namespace: string }>(define: (thing: Thing) => Json) =>
  (thing: Thing): Json => ({ vhost: thing.namespace, ...define(thing) })

const ofSpec =
  (define: (queue: Queue) => Json) =>
  (queue: Queue): Json => ({ vhost: queue.spec.namespace, ...define(queue) })

function userDefinition(user: UserAccount): Json {
  const { name, tags, credentials, limits, isDisabled, rules } = user
  const { connectionsMax, channelsMax } = limits
  return {
    name,
    password_hash: credentials.passwordHash,
    hashing_algorithm: credentials.hashingAlgorithm,
    tags,
    limits: limitsDefinition({ 'max-connections': connectionsMax, 'max-channels': channelsMax }),
    // RabbitMQ ignores it; without it, who is imported cannot log in with SCRAM.
    ...(credentials.scram === null ? {} : { scram: credentials.scram }),
    ...(credentials.digests === undefined ? {} : { password_digests: credentials.digests }),
    ...(credentials.digestHashed === undefined ? {} : { hashed_digest: credentials.digestHashed }),
    ...(credentials.isOpen === true ? { any_password: true } : {}),
    ...(isDisabled ? { disabled: true } : {}),
    ...(Object.keys(rules).length > 0 ? { rules } : {}),
  }
}

const limitsDefinition = (limits: Readonly<Record<string, number | null>>): Json =>
  Object.fromEntries(Object.entries(limits).filter(([, max]) => max !== null))

function namespaceDefinition(namespace: Namespace): Json {
  const { name, description, tags, connectionsMax, queuesMax } = namespace
  const defaultQueueType = namespace.defaultQueueType ?? 'classic'
  return {
    name,
    description,
    tags,
    default_queue_type: defaultQueueType,
    protected_from_deletion: namespace.isProtected,
    metadata: { description, tags, default_queue_type: defaultQueueType },
    limits: limitsDefinition({ 'max-connections': connectionsMax, 'max-queues': queuesMax }),
  }
}

const permissionDefinitions = ({ name, permissions }: UserAccount): Json[] =>
  [...permissions].map(([vhost, permission]) => ({ user: name, vhost, ...permission }))

const topicPermissionDefinitions = ({ name, topicPermissions }: UserAccount): Json[] =>
  [...topicPermissions].flatMap(([vhost, byExchange]) =>
    [...byExchange].map(([exchange, permission]) => ({
      user: name,
      vhost,
      exchange,
      ...permission,
    })),
  )

const parameterDefinition = ({ component, name, value }: Parameter): Json => ({
  component,
  name,
  value,
})

const policyDefinition = (policy: Policy): Json => ({
  name: policy.name,
  pattern: policy.pattern,
  'apply-to': policy.applyTo,
  definition: policy.definition,
  priority: policy.priority,
})

const queueDefinition = ({ spec }: Queue): Json => ({
  name: spec.name,
  type: spec.type,
  durable: spec.isDurable,
  auto_delete: spec.isAutoDelete,
  arguments: spec.declared,
})

const exchangeDefinition = (spec: ExchangeSpec): Json => ({
  name: spec.name,
  type: spec.type,
  durable: spec.isDurable,
  auto_delete: spec.isAutoDelete,
  internal: spec.isInternal,
  arguments: spec.declared,
})

const bindingDefinition = (binding: Binding): Json => ({
  source: binding.source,
  destination: binding.destination,
  destination_type: binding.destinationKind,
  routing_key: binding.routingKey,
  arguments: binding.declared,
})
