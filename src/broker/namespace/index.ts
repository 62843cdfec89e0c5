export { type Namespace, type NamespaceChange, Namespaces } from './namespaces.ts'
export type { NamespaceSpec } from './events.ts'
