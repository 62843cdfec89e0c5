import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { seededRandom } from '../../platform/seeded-random.ts'
import { credentialsOf, importedCredentials, isPassword, noCredentials } from './password.ts'

/** From `rabbitmqctl export_definitions` of a RabbitMQ 3.10.8; the password is "secret". */
const EXPORTED = 'qIEVf1im6DbkSIxtPBzunB3i1w+bsOWVSdMsLG2uAif4ZtYq'

test("password: RabbitMQ's hash lets the same password in", () => {
  const imported = importedCredentials(EXPORTED, 'rabbit_password_hashing_sha256')
  expect(isPassword(imported, 'secret')).toBe(true)
  expect(isPassword(imported, 'Secret')).toBe(false)
  expect(isPassword(imported, '')).toBe(false)
})

for (const [name, algorithm] of [
  ['rabbit_password_hashing_sha512', 'sha512'],
  ['rabbit_password_hashing_md5', 'md5'],
] as const) {
  test(`password: ${algorithm} hashes work`, () => {
    const salt = Buffer.from([1, 2, 3, 4])
    const hash = createHash(algorithm).update(salt).update('pa55').digest()
    const imported = importedCredentials(Buffer.concat([salt, hash]).toString('base64'), name)
    expect(isPassword(imported, 'pa55')).toBe(true)
    expect(isPassword(imported, 'pa56')).toBe(false)
  })
}

test('password: a new one is hashed with a salt of its own', () => {
  const random = seededRandom(7)
  const [one, other] = [credentialsOf('x', random), credentialsOf('x', random)]
  expect(one.passwordHash).not.toBe(other.passwordHash)
  expect(isPassword(one, 'x') && isPassword(other, 'x')).toBe(true)
  expect(isPassword(one, 'y')).toBe(false)
})

test('password: nobody, and somebody without one, never get in', () => {
  expect(isPassword(undefined, 'x')).toBe(false)
  expect(isPassword(noCredentials, 'x')).toBe(false)
  expect(isPassword(noCredentials, '')).toBe(false)
  const blank = Buffer.concat([
    Buffer.alloc(4),
    createHash('sha256').update(Buffer.alloc(4)).digest(),
  ])
  expect(isPassword(importedCredentials(blank.toString('base64'), null), '')).toBe(false)
})

test('password: what cannot be a hash is refused', () => {
  expect(() => importedCredentials('?', null)).toThrow('base64')
  expect(() => importedCredentials(EXPORTED, 'rot13')).toThrow('"rot13"')
  expect(() => importedCredentials(EXPORTED, 'toString')).toThrow('"toString"')
})

test('password: the SCRAM keys prove who knows the password (RFC 5802, section 3)', () => {
  const keys = credentialsOf('pencil', seededRandom(3)).scram!
  for (const [algorithm, { salt, iterations, storedKey, serverKey }] of [
    ['sha256', keys.sha256],
    ['sha512', keys.sha512],
  ] as const) {
    const length = algorithm === 'sha256' ? 32 : 64
    const hmac = (key: Buffer, text: string): Buffer =>
      createHmac(algorithm, key).update(text).digest()
    const salted = pbkdf2Sync('pencil', Buffer.from(salt, 'base64'), iterations, length, algorithm)
    const clientKey = hmac(salted, 'Client Key')
    const stored = Buffer.from(storedKey, 'base64')
    const signature = hmac(stored, 'n=user,r=nonce')
    const proof = clientKey.map((byte, index) => byte ^ signature[index]!)
    const recovered = Buffer.from(proof.map((byte, index) => byte ^ signature[index]!))
    expect(createHash(algorithm).update(recovered).digest()).toEqual(stored)
    expect(hmac(salted, 'Server Key').toString('base64')).toBe(serverKey)
  }
})
