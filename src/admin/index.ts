import * as z from 'zod'
import { BrokerError, type BrokerErrorKind } from '../broker/errors.ts'
import type { AdminContext } from './operation.ts'
import { operations } from './operations/index.ts'

export type { AdminContext, ProcessControl } from './operation.ts'

export type AdminAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly kind: BrokerErrorKind; readonly message: string } }

/** Answers one request of an operator who has proved to be one. */
export async function answer(
  context: AdminContext,
  name: string,
  args: unknown,
): Promise<AdminAnswer> {
  const asked = operations.get(name)
  if (asked === undefined) return refusal('unsupported', `there is no operation "${name}"`)
  const checked = asked.args.safeParse(args)
  if (!checked.success) return refusal('malformed', z.prettifyError(checked.error))
  try {
    // The check made them what the operation declared.
    return { result: (await asked.run(context, checked.data as never)) ?? null }
  } catch (thrown) {
    const { kind, message } = BrokerError.from(thrown)
    return refusal(kind, message)
  }
}

const refusal = (kind: BrokerErrorKind, message: string): AdminAnswer => {
  return { error: { kind, message } }
}
