import type { Broker } from '../../broker/broker.ts'
import { limits } from '../../limits/limits.ts'
import type { Protocol } from '../protocol.ts'
import { KafkaConnection } from './connection.ts'
import { handlerOf } from './handlers/index.ts'
import { Services } from './services.ts'

/** Apache Kafka's protocol: all connections share one broker, and what `Services` holds. */
export function kafka(broker: Broker): Protocol {
  const services = new Services(broker)
  return {
    name: 'kafka',
    port: 9092,
    tlsPort: 9093,
    detect,
    connect: peer => new KafkaConnection(peer, services),
  }
}

/** A size, the number of an API that we serve and one of its versions: nobody else begins so. */
function detect(prefix: Buffer): 'yes' | 'no' | 'unsure' {
  if (prefix.length > 0 && prefix[0]! > limits.requestBytesMax >>> 24) return 'no'
  if (prefix.length < 8) return 'unsure'
  const sizeBytes = prefix.readInt32BE(0)
  if (sizeBytes < 8 || sizeBytes > limits.requestBytesMax) return 'no'
  const handler = handlerOf(prefix.readInt16BE(4))
  return handler !== undefined && prefix[6] === 0 && prefix[7]! < 64 ? 'yes' : 'no'
}
