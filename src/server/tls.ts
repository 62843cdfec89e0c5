import { readFileSync } from 'node:fs'
import { createSecureContext, type TlsOptions as NodeTlsOptions } from 'node:tls'
import { StartError, type TlsOptions } from './options.ts'

const HANDSHAKE_TIMEOUT_MS = 10_000

/** Reads and checks the files once, so that a wrong one fails the start and not a client. */
export function loadTls(listener: string, options: TlsOptions): NodeTlsOptions {
  const tls: NodeTlsOptions = {
    key: readPem(listener, 'key', options.key),
    cert: readPem(listener, 'cert', options.cert),
    minVersion: options.versionMin,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    requestCert: options.clientCertificates !== 'none',
    rejectUnauthorized: options.clientCertificates === 'required',
  }
  if (options.ca !== null) tls.ca = readPem(listener, 'ca', options.ca)
  else if (options.clientCertificates !== 'none')
    throw new StartError(
      `listener "${listener}": client certificates are ${options.clientCertificates}, but there ` +
        'is no tls.ca to check them with. Name the file of the authority that signed them.',
    )
  try {
    createSecureContext(tls)
  } catch (error) {
    throw new StartError(
      `listener "${listener}": the TLS key "${options.key}" and certificate "${options.cert}" ` +
        `cannot be used: ${messageOf(error)}`,
      { cause: error },
    )
  }
  return tls
}

function readPem(listener: string, key: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StartError(
      `listener "${listener}": cannot read tls.${key} "${path}": ${messageOf(error)}`,
      { cause: error },
    )
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
