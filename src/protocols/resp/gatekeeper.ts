import type { User } from '../../broker/access/index.ts'
import type { Broker } from '../../broker/broker.ts'
import type { RespOptions } from './options.ts'
import type { Gatekeeper } from './services.ts'

const everybody: User = { name: 'default', tags: ['administrator'] }

/** Nobody has to log in, as with a Redis that was not secured; who does must be a user. */
export function openGatekeeper(broker: Broker, _options: RespOptions): Gatekeeper {
  return {
    greet: () => null,
    anonymous: () => everybody,
    authenticate: (_, name, password) => broker.access.authenticate(name ?? 'default', password),
    refusal: () => null,
  }
}
