import { ByteReader, MalformedError } from '../../lib/bytes/index.ts'

/** The protocol type of ordinary consumers: their metadata begins with the topics they want. */
export const CONSUMER_TYPE = 'consumer'

/**
 * The topics in a consumer's metadata, or null when the bytes are something else. Every version
 * begins alike: version (2 bytes), count (4 bytes), then each name with its length (2 bytes).
 */
export function subscribedTopics(metadata: Buffer): readonly string[] | null {
  const reader = new ByteReader(metadata)
  try {
    reader.int16()
    const count = reader.int32()
    const topics: string[] = []
    for (let index = 0; index < count; index++) topics.push(reader.text(reader.int16()))
    return topics
  } catch (error) {
    if (error instanceof MalformedError) return null
    throw error
  }
}
