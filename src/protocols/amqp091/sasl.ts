import type { Access, User } from '../../broker/access/index.ts'
import { ByteReader, MalformedError } from '../../lib/bytes/index.ts'
import type { Peer } from '../protocol.ts'
import { emptyTable, type FieldTable, readTable } from './codec/index.ts'
import { AmqpError } from './errors.ts'
import { isLoopback } from './loopback.ts'

/** What a response led to. `refused` carries what the log says; the client is told less. */
export type SaslStep =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'challenge'; readonly challenge: Buffer }
  | { readonly kind: 'refused'; readonly reason: string }

type Exchange = (response: Buffer) => SaslStep | Promise<SaslStep>

type Mechanism = {
  readonly isOffered: (peer: Peer) => boolean
  /** Begins one authentication; throws AmqpError for responses that make no sense. */
  readonly begin: (access: Access, peer: Peer) => Exchange
}

/** In the order in which RabbitMQ offers them: clients that cannot choose take the first. */
const mechanisms: Readonly<Record<string, Mechanism>> = {
  AMQPLAIN: {
    isOffered: () => true,
    begin: access => response => {
      const table = loginTable(response)
      return byPassword(access, loginPart(table, 'LOGIN'), loginPart(table, 'PASSWORD'))
    },
  },
  PLAIN: {
    isOffered: () => true,
    begin: access => response => {
      const [name, password] = plainParts(response)
      return byPassword(access, name, password)
    },
  },
  EXTERNAL: { isOffered: peer => peer.isTls, begin: byCertificate },
  // Whoever sits on this machine is as trusted as `guest`, who may not come from elsewhere.
  ANONYMOUS: {
    isOffered: peer => isLoopback(peer.remote.host),
    begin: access => () => known(access.user('guest'), 'guest'),
  },
  'RABBIT-CR-DEMO': { isOffered: () => true, begin: byChallenge },
}

/** As connection.start lists them. */
export const offeredMechanisms = (peer: Peer): string =>
  Object.keys(mechanisms)
    .filter(name => mechanisms[name]!.isOffered(peer))
    .join(' ')

export function beginSasl(name: string, access: Access, peer: Peer): Exchange {
  const mechanism = Object.hasOwn(mechanisms, name) ? mechanisms[name] : undefined
  if (mechanism === undefined)
    throw new AmqpError('COMMAND_INVALID', `unknown authentication mechanism '${name}'`)
  if (!mechanism.isOffered(peer))
    throw new AmqpError('COMMAND_INVALID', `invalid authentication mechanism '${name}'`)
  const exchange = mechanism.begin(access, peer)
  const admitted = (step: SaslStep): SaslStep => {
    if (step.kind !== 'user') return step
    if (access.mayLogInFrom(step.user, isLoopback(peer.remote.host))) return step
    return refused(`user '${step.user.name}' can only connect via localhost`)
  }
  return response => {
    const step = exchange(response)
    return step instanceof Promise ? step.then(admitted) : admitted(step)
  }
}

async function byPassword(access: Access, name: string, password: string): Promise<SaslStep> {
  const user = await access.authenticate(name, password)
  return user === null ? refused(`user '${name}' - invalid credentials`) : { kind: 'user', user }
}

/** RFC 4616 without an identity to act for: null, name, null, password. */
function plainParts(response: Buffer): [name: string, password: string] {
  const nameEnd = response.indexOf(0, 1)
  const isWhole = response[0] === 0 && nameEnd > 0 && response.indexOf(0, nameEnd + 1) === -1
  if (!isWhole) throw new AmqpError('SYNTAX_ERROR', 'response to PLAIN authentication invalid')
  return [response.toString('utf8', 1, nameEnd), response.toString('utf8', nameEnd + 1)]
}

/** A field table without the length in front of it. */
function loginTable(response: Buffer): FieldTable {
  if (response.length === 0) return emptyTable
  const length = Buffer.alloc(4)
  length.writeUInt32BE(response.length)
  try {
    return readTable(new ByteReader(Buffer.concat([length, response])))
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    throw new AmqpError('SYNTAX_ERROR', `AMQPLAIN auth info is no field table: ${error.message}`)
  }
}

function loginPart(table: FieldTable, name: string): string {
  const field = table.get(name)
  if (field?.type === 'longstr' || field?.type === 'binary') return field.value.toString()
  throw new AmqpError(
    'SYNTAX_ERROR',
    field === undefined
      ? 'AMQPLAIN auth info is missing LOGIN or PASSWORD field'
      : 'AMQPLAIN auth info uses unsupported type for LOGIN or PASSWORD field',
  )
}

/** A user is named as the certificate's subject, or as its common name. */
function byCertificate(access: Access, peer: Peer): Exchange {
  return () => {
    const { certificate } = peer
    if (certificate === null) return refused('connection peer presented no TLS (x.509) certificate')
    const { subject, commonName } = certificate
    const user = access.user(subject) ?? (commonName === '' ? undefined : access.user(commonName))
    return known(user, subject)
  }
}

function known(user: User | undefined, name: string): SaslStep {
  return user === undefined ? refused(`user '${name}' - unknown`) : { kind: 'user', user }
}

const PASSWORD_PREFIX = 'My password is '

/** RabbitMQ's demonstration of a mechanism with a challenge: the name first, then the password. */
function byChallenge(access: Access): Exchange {
  let name: string | null = null
  return response => {
    const text = response.toString()
    if (name === null) {
      name = text
      return { kind: 'challenge', challenge: Buffer.from('Please tell me your password') }
    }
    if (!text.startsWith(PASSWORD_PREFIX))
      throw new AmqpError('SYNTAX_ERROR', `Invalid response '${text.slice(0, 100)}'`)
    return byPassword(access, name, text.slice(PASSWORD_PREFIX.length))
  }
}

const refused = (reason: string): SaslStep => ({ kind: 'refused', reason })
