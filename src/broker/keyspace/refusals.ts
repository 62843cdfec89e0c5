import { BrokerError } from '../errors.ts'

export const wrongType = (): BrokerError =>
  new BrokerError('wrong-type', 'the key holds a value of another kind')

export const noRoom = (): BrokerError => new BrokerError('storage', 'the disk takes nothing')
