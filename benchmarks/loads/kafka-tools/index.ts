export { javaOptions, kafkaJars } from './jars.ts'
export {
  type Consumed,
  consumerPerfTest,
  endToEndLatency,
  type Latency,
  type Produced,
  producerPerfTest,
  WARMUP_SHARE,
} from './tools.ts'
