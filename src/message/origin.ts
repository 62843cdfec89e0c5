import type { Brand } from '../lib/brand.ts'

/** Whose encoding a message's property bytes are in. Stored: numbers are never given anew. */
export type Origin = Brand<number, 'Origin'>

export const origins = {
  /** A record as a Kafka producer wrote it: no envelope, its headers are the record's own. */
  kafka: 0 as Origin,
  /** Flags and property list of an AMQP 0-9-1 content header (section 4.2.6.1). */
  amqp091: 1 as Origin,
  /** No property bytes at all: an element of a list, which is its body and nothing else. */
  redis: 2 as Origin,
  /** Fields of a stream's entry (`entry-fields.ts`). */
  redisStream: 3 as Origin,
  /** What a job's sender asked for (`job-properties.ts`). */
  disque: 4 as Origin,
} as const
