import * as z from 'zod'
import type { UserAccount } from '../../broker/access/index.ts'
import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import { change } from '../change.ts'
import { operation } from '../operation.ts'
import { limit, name, named, nothing } from '../shapes.ts'

const password = z.string().nullable()
const tags = z.array(z.string())

export const userOperations = [
  operation('list-users', nothing, ({ broker }) =>
    [...broker.access.all()].map(user => row(broker, user)),
  ),
  operation('describe-user', named, ({ broker }, { name: wanted }) =>
    row(broker, existing(broker, wanted)),
  ),
  change(
    'add-user',
    z.strictObject({ name, password: password.default(null), tags: tags.default([]) }),
    ({ broker }, user) => void broker.access.add(user.name, user.password, { tags: user.tags }),
  ),
  change('delete-user', named, ({ broker }, user) => broker.access.delete(user.name)),
  change('set-password', z.strictObject({ name, password }), ({ broker }, user) => {
    if (user.password === null) broker.access.clearPassword(user.name)
    else broker.access.changePassword(user.name, user.password)
  }),
  operation(
    'authenticate-user',
    z.strictObject({ name, password: z.string() }),
    async ({ broker }, user) => {
      if ((await broker.access.authenticate(user.name, user.password)) !== null) return
      throw new BrokerError('access-refused', `user "${user.name}" cannot log in with that`)
    },
  ),
  change('set-user-tags', z.strictObject({ name, tags }), ({ broker }, user) =>
    broker.access.setTags(user.name, user.tags),
  ),
  change(
    'set-user-limits',
    z.strictObject({ name, connectionsMax: limit.optional(), channelsMax: limit.optional() }),
    ({ broker }, { name: wanted, connectionsMax, channelsMax }) =>
      broker.access.setLimits(wanted, {
        ...(connectionsMax === undefined ? {} : { connectionsMax }),
        ...(channelsMax === undefined ? {} : { channelsMax }),
      }),
  ),
]

const row = (
  { sessions }: Broker,
  { name: user, tags: marks, limits, credentials }: UserAccount,
) => ({
  name: user,
  tags: marks,
  hasPassword: credentials.passwordHash !== '',
  connections: sessions.countOfUser(user),
  ...limits,
})

export function existing({ access }: Broker, wanted: string): UserAccount {
  const user = access.user(wanted)
  if (user !== undefined) return user
  throw new BrokerError('not-found', `User "${wanted}" does not exist`)
}
