export { showAddress } from './client.ts'
export {
  StartError,
  type BoundListener,
  type ListenerOptions,
  type TlsOptions,
} from './options.ts'
export { Server, type ServerOptions } from './server.ts'
