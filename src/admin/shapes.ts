import * as z from 'zod'

/** What several operations are given. */
export const nothing = z.strictObject({})
export const namespace = z.string().default('/')
export const name = z.string().min(1)
export const inNamespace = z.strictObject({ namespace })
export const named = z.strictObject({ name })
export const namedIn = z.strictObject({ namespace, name })
/** Absent: of all namespaces. */
export const ofNamespace = z.strictObject({ namespace: z.string().optional() })
export const json = z.record(z.string(), z.unknown())
export const count = z.number().int().nonnegative()
/** Null: no limit. */
export const limit = count.nullable()
