import { ReplyError } from '../errors.ts'
import type { Parameter } from '../parameters/index.ts'
import type { Acl } from './acl.ts'
import type { AclGatekeeper } from './gatekeeper.ts'

const LOG_LENGTH_MAX = 100_000

/** What CONFIG knows of who may come in. */
export function accessParameters(
  acl: Acl,
  gatekeeper: AclGatekeeper,
  requirePass: string | null,
): readonly Parameter[] {
  // It is kept as a hash: what it was is known to who set it in this run.
  let password = requirePass ?? ''
  if (password !== '' && !acl.isPassword(password)) acl.requirePassword(password)
  return [
    {
      name: 'requirepass',
      get: () => (acl.defaultUser.isOpen ? '' : password),
      set(value) {
        acl.requirePassword(value)
        password = value
      },
    },
    {
      name: 'protected-mode',
      get: () => (gatekeeper.isProtected ? 'yes' : 'no'),
      set(value) {
        const said = value.toLowerCase()
        if (said !== 'yes' && said !== 'no')
          throw refused('protected-mode', "argument must be 'yes' or 'no'")
        gatekeeper.isProtected = said === 'yes'
      },
    },
    {
      name: 'acllog-max-len',
      get: () => String(acl.log.lengthMax),
      set(value) {
        if (!/^\d{1,9}$/.test(value))
          throw refused('acllog-max-len', "argument couldn't be parsed into an integer")
        acl.log.lengthMax = Math.min(Number(value), LOG_LENGTH_MAX)
      },
    },
    { name: 'acl-pubsub-default', get: () => 'resetchannels' },
  ]
}

const refused = (name: string, flaw: string): ReplyError =>
  new ReplyError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${flaw}`)
