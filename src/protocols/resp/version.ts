/**
 * What clients are told, because they ask: BullMQ and others use what came with a version. Streams,
 * lists and hashes are those of 8.
 */
export const REDIS_VERSION = '7.4.0'
