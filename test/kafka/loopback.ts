import { Broker } from '../../src/broker/broker.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { type BrokerSettings, brokerSettingsDefault } from '../../src/broker/settings.ts'
import { type Logger, silentLogger } from '../../src/lib/logger.ts'
import { openFileStore, openMemoryStore } from '../../src/log/index.ts'
import type { StateMachine, Store } from '../../src/log/store.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import type { Platform } from '../../src/platform/platform.ts'
import { decodeResponse, encodeRequest } from '../../src/protocols/kafka/codec.ts'
import { kafka } from '../../src/protocols/kafka/index.ts'
import type { Api, DraftOf, Fields, ShapeOf } from '../../src/protocols/kafka/schema/index.ts'
import { RequestSplitter } from '../../src/protocols/kafka/splitter.ts'
import type { Connection, Protocol } from '../../src/protocols/protocol.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'

/** A broker in memory whose Kafka clients are called, not connected. */
export class Loopback implements AsyncDisposable {
  readonly broker: Broker
  readonly #protocol: Protocol

  private constructor(broker: Broker) {
    this.broker = broker
    this.#protocol = kafka(broker)
  }

  static open(settings: Partial<BrokerSettings> = {}): Promise<Loopback> {
    return Loopback.#open(settings, machines =>
      openMemoryStore({ platform: nodePlatform, logger: silentLogger, machines }),
    )
  }

  /** Over files, for what must be found again. */
  static openFolder(folder: string, platform: Platform = nodePlatform): Promise<Loopback> {
    return Loopback.#open({}, machines =>
      openFileStore({ platform, logger: silentLogger, machines, folder }),
    )
  }

  static async #open(
    settings: Partial<BrokerSettings>,
    openStore: (machines: readonly StateMachine[]) => Promise<Store>,
  ): Promise<Loopback> {
    const runtime = new Runtime({
      settings: { ...brokerSettingsDefault, ...settings },
      clock: nodePlatform.clock,
      timers: nodePlatform.timers,
      random: nodePlatform.random,
      logger: silentLogger,
    })
    return new Loopback(await Broker.open(runtime, openStore))
  }

  client(logger: Partial<Logger> = {}): LoopbackClient {
    return new LoopbackClient(this.#protocol, { ...silentLogger, ...logger })
  }

  async topic(name: string, partitionCount = 1, overrides: Record<string, string> = {}) {
    return this.broker.topics.create({ name, partitionCount, overrides })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker.close()
  }
}

export class LoopbackClient {
  isClosed = false
  readonly connection: Connection
  readonly #splitter = new RequestSplitter()
  readonly #waiting: ((frame: Buffer) => void)[] = []

  constructor(protocol: Protocol, logger: Logger = silentLogger) {
    const close = () => void (this.isClosed = true)
    this.connection = protocol.connect({
      egress: {
        write: bytes => this.#written(bytes),
        reserve: sizeBytes => Buffer.alloc(sizeBytes),
        position: 0,
        advance: () => undefined,
        congested: false,
        whenTaken: done => done(),
        pendingBytes: 0,
        end: close,
        destroy: close,
      },
      remote: { host: '127.0.0.1', port: 50_000 },
      local: { host: '127.0.0.1', port: 9092 },
      listener: { name: 'kafka', advertised: null },
      isTls: false,
      certificate: null,
      logger,
      now: () => nodePlatform.clock.now(),
      pause: () => undefined,
      resume: () => undefined,
    })
  }

  /** Sends without waiting for an answer, because there may be none. */
  tell<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    apiVersion: number,
    request: DraftOf<Request>,
  ): void {
    const header = { apiVersion, correlationId: 0, clientId: 'test' }
    receiveLent(this.connection, Buffer.concat(encodeRequest(api, header, request)))
  }

  ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    apiVersion: number,
    request: DraftOf<Request>,
  ): Promise<ShapeOf<Response>> {
    return new Promise(resolve => {
      this.#waiting.push(frame => resolve(decodeResponse(api, apiVersion, frame)))
      this.tell(api, apiVersion, request)
    })
  }

  #written(bytes: Buffer): void {
    this.#splitter.push(Buffer.from(bytes))
    for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next())
      this.#waiting.shift()?.(this.#splitter.own(frame))
  }
}
