import { method } from './dsl.ts'

export const channelOpen = method('channel.open', 20, 10, { reserved1: 'shortstr' })
export const channelOpenOk = method('channel.open_ok', 20, 11, { reserved1: 'longstr' })
export const channelFlow = method('channel.flow', 20, 20, { active: 'bit' })
export const channelFlowOk = method('channel.flow_ok', 20, 21, { active: 'bit' })
export const channelClose = method('channel.close', 20, 40, {
  replyCode: 'short',
  replyText: 'shortstr',
  classId: 'short',
  methodId: 'short',
})
export const channelCloseOk = method('channel.close_ok', 20, 41, {})

export const accessRequest = method('access.request', 30, 10, {
  realm: 'shortstr',
  exclusive: 'bit',
  passive: 'bit',
  active: 'bit',
  write: 'bit',
  read: 'bit',
})
export const accessRequestOk = method('access.request_ok', 30, 11, { ticket: 'short' })
