/** A broker said no. `code` is its protocol's error code, or null when the client hides it. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: number | null

  constructor(code: number | null, message: string) {
    super(message)
    this.code = code
  }
}
