import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import type { Random } from '../../platform/platform.ts'
import { BrokerError } from '../errors.ts'

/** The names are RabbitMQ's, since its definitions carry them. */
export const hashingAlgorithms = {
  rabbit_password_hashing_sha256: 'sha256',
  rabbit_password_hashing_sha512: 'sha512',
  rabbit_password_hashing_md5: 'md5',
} as const
export type HashingAlgorithm = keyof typeof hashingAlgorithms

/** What a server keeps for one SCRAM mechanism (RFC 5802); all of it is base64. */
export type ScramKeys = {
  readonly salt: string
  readonly iterations: number
  readonly storedKey: string
  readonly serverKey: string
}

/** What proves a password without holding it. */
export type Credentials = {
  /** Base64 of a salt of four bytes and the hash; empty: no password is the right one. */
  readonly passwordHash: string
  readonly hashingAlgorithm: HashingAlgorithm
  /** Null when the password itself was never here: imported hashes. */
  readonly scram: { readonly sha256: ScramKeys; readonly sha512: ScramKeys } | null
  /** SHA-256 of passwords without salt, in hexadecimal, as Redis has them: each is a right one. */
  readonly digests?: readonly string[]
  /** Which of these the hash and the keys above are of, when they are of one. */
  readonly digestHashed?: string
  /** Every password is the right one. */
  readonly isOpen?: boolean
}

const SALT_BYTES = 4
const SCRAM_SALT_BYTES = 16
/** The least that RFC 7677 allows, and Kafka's default. */
const SCRAM_ITERATIONS = 4096

export const noCredentials: Credentials = {
  passwordHash: '',
  hashingAlgorithm: 'rabbit_password_hashing_sha256',
  scram: null,
}

/** Takes some milliseconds: the derivation of keys is meant to be slow. */
export function credentialsOf(password: string, random: Random): Credentials {
  const salt = random.bytes(SALT_BYTES)
  return {
    passwordHash: Buffer.concat([salt, digest('sha256', salt, password)]).toString('base64'),
    hashingAlgorithm: 'rabbit_password_hashing_sha256',
    scram: {
      sha256: scramKeys('sha256', password, random),
      sha512: scramKeys('sha512', password, random),
    },
  }
}

/** Credentials from somebody else's store. Throws `invalid-setting` for what cannot be a hash. */
export function importedCredentials(
  passwordHash: string,
  algorithm: string | null,
  scram: Credentials['scram'] = null,
): Credentials {
  const hashingAlgorithm = algorithm ?? 'rabbit_password_hashing_sha256'
  if (!isAlgorithm(hashingAlgorithm)) {
    throw new BrokerError('invalid-setting', `unknown hashing algorithm "${hashingAlgorithm}"`)
  }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(passwordHash)) {
    throw new BrokerError('invalid-setting', 'a password hash has to be base64')
  }
  return { passwordHash, hashingAlgorithm, scram }
}

const isAlgorithm = (name: string): name is HashingAlgorithm =>
  Object.hasOwn(hashingAlgorithms, name)

const NOBODY: Credentials = {
  ...noCredentials,
  passwordHash: Buffer.alloc(SALT_BYTES + 32).toString('base64'),
}

/** Whether it is the password. Does the same work for somebody who is not there (undefined). */
export function isPassword(credentials: Credentials | undefined, password: string): boolean {
  const { passwordHash, hashingAlgorithm } = credentials ?? NOBODY
  const stored = Buffer.from(passwordHash, 'base64')
  const salt = stored.subarray(0, SALT_BYTES)
  const wanted = stored.subarray(SALT_BYTES)
  const found = digest(hashingAlgorithms[hashingAlgorithm], salt, password)
  const isSame = wanted.length === found.length && timingSafeEqual(wanted, found)
  const isKnown = isDigested(credentials?.digests ?? [], password)
  if (credentials?.isOpen === true) return true
  return (isSame || isKnown) && credentials !== undefined && password !== ''
}

/** Redis' hash of a password: SHA-256 in hexadecimal. */
export const digestOf = (password: string | Buffer): string =>
  createHash('sha256').update(password).digest('hex')

function isDigested(digests: readonly string[], password: string): boolean {
  const found = Buffer.from(digestOf(password))
  let isKnown = false
  for (const each of digests) {
    const wanted = Buffer.from(each)
    if (wanted.length === found.length && timingSafeEqual(wanted, found)) isKnown = true
  }
  return isKnown
}

function digest(algorithm: string, salt: Buffer, password: string): Buffer {
  return createHash(algorithm).update(salt).update(password).digest()
}

function scramKeys(algorithm: 'sha256' | 'sha512', password: string, random: Random): ScramKeys {
  const salt = random.bytes(SCRAM_SALT_BYTES)
  const length = algorithm === 'sha256' ? 32 : 64
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, length, algorithm)
  const keyed = (name: string): Buffer => createHmac(algorithm, salted).update(name).digest()
  return {
    salt: salt.toString('base64'),
    iterations: SCRAM_ITERATIONS,
    storedKey: createHash(algorithm).update(keyed('Client Key')).digest('base64'),
    serverKey: keyed('Server Key').toString('base64'),
  }
}
