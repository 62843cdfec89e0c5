import { connect } from 'node:net'
import { decodeResponse, encodeRequest } from '../../../src/protocols/kafka/codec.ts'
import { metadata } from '../../../src/protocols/kafka/schema/index.ts'
import { RequestSplitter } from '../../../src/protocols/kafka/splitter.ts'

const VERSION = 9
const PATIENCE_MS = 1000

/** Whether a client that asks is told of a broker: an open port may still refuse all. */
export function servesKafka(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const splitter = new RequestSplitter()
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, timeout: PATIENCE_MS })
    const done = (serves: boolean): void => {
      socket.destroy()
      resolve(serves)
    }
    socket.once('connect', () => {
      const header = { apiVersion: VERSION, correlationId: 0, clientId: 'bench' }
      for (const chunk of encodeRequest(metadata, header, { topics: [] })) socket.write(chunk)
    })
    socket.on('data', bytes => {
      splitter.push(bytes)
      const answer = splitter.next()
      if (answer === undefined) return
      done(decodeResponse(metadata, VERSION, answer).brokers.length > 0)
    })
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
    socket.once('timeout', () => done(false))
  })
}
