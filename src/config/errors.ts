/** A configuration that cannot be used. It names the key, the value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
