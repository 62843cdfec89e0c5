export type { Access, Operation, TopicRequest, User } from './access.ts'
export type { Permission, TopicPermission, UserLimits, UserRules } from './events.ts'
export { Users, type UserChange } from './users.ts'
export type { UserAccount } from './registry.ts'
export {
  type Credentials,
  digestOf,
  hashingAlgorithms,
  importedCredentials,
  isPassword,
  noCredentials,
  type ScramKeys,
} from './password.ts'
export { escapePattern, patternFlaw, patternOf } from './pattern.ts'
