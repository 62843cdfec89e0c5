import { z } from 'zod'
import { operation } from '../operation.ts'

const nothing = z.strictObject({})

export const statusOperations = [
  operation('status', nothing, ({ process }) => process.describe()),
  operation('suspend', nothing, ({ process }) => process.suspend()),
  operation('resume', nothing, ({ process }) => process.resume()),
  operation('stop', nothing, ({ process }) => process.stop()),
]
