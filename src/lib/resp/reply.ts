/**
 * Where replies are written, in the order RESP has them. `version` decides how a type that only
 * RESP3 has is said; whoever writes a reply need not look at it. Counts come before their items.
 */
export interface ReplyWriter {
  readonly version: 2 | 3
  /** `+OK`. */
  ok(): void
  simple(text: string): void
  /** The code and the text, `ERR syntax error`. Line ends in it become spaces. */
  error(text: string): void
  integer(value: number | bigint): void
  /** A bulk string; the bytes are copied, or kept by reference where they are many. */
  bulk(bytes: Buffer, start?: number, end?: number): void
  /** A bulk string in UTF-8. */
  text(value: string): void
  /** A bulk string whose characters are bytes. */
  binary(value: string): void
  /** RESP2: the null bulk string. */
  nothing(): void
  /** RESP2: the null array. */
  noArray(): void
  array(count: number): void
  /** RESP2: an array of twice as many. */
  map(count: number): void
  /** RESP2: an array. */
  set(count: number): void
  /** RESP2: an array. What no command asked for. */
  push(count: number): void
  /** RESP2: a bulk string. Written as Redis writes it (17 digits, `inf`). */
  double(value: number): void
  /** RESP2: 0 or 1. */
  boolean(value: boolean): void
  /** RESP2: a bulk string. */
  bigNumber(digits: string): void
  /** RESP2: a bulk string without the format. */
  verbatim(format: 'txt' | 'mkd', value: string): void
}
