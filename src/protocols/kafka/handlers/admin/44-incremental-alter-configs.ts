import type { SettingChange } from '../../../../broker/topic/index.ts'
import { alterConfigOperation as operation } from '../../constants.ts'
import type { ErrorAnswer } from '../../errors.ts'
import { incrementalAlterConfigs, type RequestOf } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { alterResource } from './settings/alteration.ts'
import { alterEach, refused } from './settings/resources.ts'

type Asked = RequestOf<typeof incrementalAlterConfigs>['resources'][number]
type AskedChange = Asked['configs'][number]

/** Versions 0-1. Each resource is changed completely or not at all. */
export const incrementalAlterConfigsHandler = handler(
  incrementalAlterConfigs,
  [0, 1],
  async ({ resources, validateOnly }, context) => ({
    throttleTimeMs: 0,
    responses: await alterEach(resources, context, asked => alter(asked, validateOnly, context)),
  }),
)

async function alter(asked: Asked, validateOnly: boolean, context: Context): Promise<ErrorAnswer> {
  const { resourceType, resourceName, configs } = asked
  const names = new Set(configs.map(({ name }) => name))
  if (names.size < configs.length) return refused('Error due to duplicate config keys')
  const empty = configs.filter(one => one.value === null && needsValue(one))
  if (empty.length > 0) {
    return refused(`Null value not supported for : ${empty.map(({ name }) => name).join(', ')}`)
  }
  const changes: SettingChange[] = []
  for (const one of configs) {
    const change = changeOf(one)
    if (change === undefined) {
      return refused(`Unknown operation type ${one.configOperation} of config ${one.name}`)
    }
    changes.push(change)
  }
  return alterResource(
    { resourceType, resourceName, changes, replaces: false, validateOnly },
    context,
  )
}

const needsValue = (one: AskedChange): boolean => one.configOperation !== operation.DELETE

function changeOf({ name, configOperation, value }: AskedChange): SettingChange | undefined {
  const text = value ?? ''
  switch (configOperation) {
    case operation.SET:
      return { kind: 'set', name, value: text }
    case operation.DELETE:
      return { kind: 'delete', name }
    case operation.APPEND:
      return { kind: 'append', name, value: text }
    case operation.SUBTRACT:
      return { kind: 'subtract', name, value: text }
    default:
      return undefined
  }
}
