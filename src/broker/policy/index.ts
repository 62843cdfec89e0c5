export {
  type EffectivePolicy,
  Policies,
  type Policy,
  type PolicyTarget,
} from './policies.ts'
export { limitsOf, type Parameter, Parameters } from './parameters.ts'
export { policyKeys } from './keys.ts'
export { queueSettingKeys, type QueueType, settingsOf, withPolicy } from './queue-settings.ts'
export { type ApplyTo, applyTos, type Definition } from './validation.ts'
export type { PolicySpec } from './events.ts'
export { durationOf } from './duration.ts'
export { ownArgumentsFlaw, queueArgumentsFlaw, queueTypes, sourceOf } from './arguments.ts'
