export { showAddress } from './client.ts'
export { dial, type DialTls } from './dial.ts'
export { LateLogger } from './late-logger.ts'
export type { LoggerOptions } from './logger.ts'
export { LocalEndpoint, type EndpointFile } from './local-endpoint.ts'
export { openChunks, readTextFile } from './files.ts'
export {
  StartError,
  type BoundListener,
  type ListenerOptions,
  type TlsOptions,
} from './options.ts'
export { boundYoungHeap } from './young-heap.ts'
export { Server, type ServerOptions } from './server.ts'
