export { type ChannelPorts, Channels } from './channels.ts'
export { ChannelMessage, type Form, type Subscriber } from './message.ts'
export type { ChannelSpace } from './space.ts'
