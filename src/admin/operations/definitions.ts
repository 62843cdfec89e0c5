import * as z from 'zod'
import {
  type DefinitionNames,
  exportDefinitions,
  exportNamespace,
  importDefinitions,
} from '../../broker/definitions/index.ts'
import { SERVER_VERSION } from '../../protocols/amqp091/server-properties.ts'
import { type AdminContext, operation } from '../operation.ts'
import { ofNamespace } from '../shapes.ts'

const namesOf = ({ process }: AdminContext): DefinitionNames => ({
  rabbitmqVersion: SERVER_VERSION,
  productName: 'Sabir',
  productVersion: String(process.describe()['version']),
})

export const definitionOperations = [
  operation('export-definitions', ofNamespace, (context, { namespace }) =>
    namespace === undefined
      ? exportDefinitions(context.broker, namesOf(context))
      : exportNamespace(context.broker, namesOf(context), namespace),
  ),
  operation(
    'import-definitions',
    z.strictObject({ definitions: z.unknown(), namespace: z.string().optional() }),
    ({ broker }, { definitions, namespace }) =>
      importDefinitions(broker, definitions, {
        user: 'rmq-internal',
        ...(namespace === undefined ? {} : { namespace }),
      }),
  ),
]
