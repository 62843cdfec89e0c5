import { COPY_BYTES_MAX } from '../../../lib/bytes/index.ts'
import type { Arguments, ReplyWriter } from '../../../lib/resp/index.ts'

/** Answers with a word as it was sent. A long one is copied: a command's bytes are only lent. */
export function writeWord(reply: ReplyWriter, args: Arguments, index: number): void {
  if (args.sizeBytes(index) > COPY_BYTES_MAX) reply.bulk(Buffer.from(args.view(index)))
  else reply.bulk(args.bytes, args.starts[index], args.ends[index])
}
