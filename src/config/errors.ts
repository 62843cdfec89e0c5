/** A configuration that cannot be used. The message names the key, the value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
