import { method } from './dsl.ts'

export const connectionStart = method('connection.start', 10, 10, {
  versionMajor: 'octet',
  versionMinor: 'octet',
  serverProperties: 'table',
  mechanisms: 'longstr',
  locales: 'longstr',
})
export const connectionStartOk = method('connection.start_ok', 10, 11, {
  clientProperties: 'table',
  mechanism: 'shortstr',
  response: 'longstr',
  locale: 'shortstr',
})
export const connectionSecure = method('connection.secure', 10, 20, { challenge: 'longstr' })
export const connectionSecureOk = method('connection.secure_ok', 10, 21, { response: 'longstr' })
export const connectionTune = method('connection.tune', 10, 30, {
  channelMax: 'short',
  frameMax: 'long',
  heartbeat: 'short',
})
export const connectionTuneOk = method('connection.tune_ok', 10, 31, {
  channelMax: 'short',
  frameMax: 'long',
  heartbeat: 'short',
})
export const connectionOpen = method('connection.open', 10, 40, {
  virtualHost: 'shortstr',
  reserved1: 'shortstr',
  reserved2: 'bit',
})
export const connectionOpenOk = method('connection.open_ok', 10, 41, { reserved1: 'shortstr' })
export const connectionClose = method('connection.close', 10, 50, {
  replyCode: 'short',
  replyText: 'shortstr',
  classId: 'short',
  methodId: 'short',
})
export const connectionCloseOk = method('connection.close_ok', 10, 51, {})
/** RabbitMQ's: publishing is not welcome, and why. */
export const connectionBlocked = method('connection.blocked', 10, 60, { reason: 'shortstr' })
export const connectionUnblocked = method('connection.unblocked', 10, 61, {})
/** RabbitMQ's: a token is renewed. */
export const connectionUpdateSecret = method('connection.update_secret', 10, 70, {
  newSecret: 'longstr',
  reason: 'shortstr',
})
export const connectionUpdateSecretOk = method('connection.update_secret_ok', 10, 71, {})
