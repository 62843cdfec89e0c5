import type { SettingChange } from '../../../../broker/topic/index.ts'
import type { ErrorAnswer } from '../../errors.ts'
import { alterConfigs, type RequestOf } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { alterResource } from './settings/alteration.ts'
import { alterEach, refused } from './settings/resources.ts'

type Asked = RequestOf<typeof alterConfigs>['resources'][number]

/** Versions 0-2. What a request does not name goes back to its default. */
export const alterConfigsHandler = handler(
  alterConfigs,
  [0, 2],
  async ({ resources, validateOnly }, context) => ({
    throttleTimeMs: 0,
    responses: await alterEach(resources, context, asked => alter(asked, validateOnly, context)),
  }),
)

async function alter(asked: Asked, validateOnly: boolean, context: Context): Promise<ErrorAnswer> {
  const { resourceType, resourceName, configs } = asked
  const names = new Set(configs.map(({ name }) => name))
  if (names.size < configs.length) return refused('Error due to duplicate config keys')
  const changes: SettingChange[] = []
  for (const { name, value } of configs) {
    if (value === null) return refused(`Null value not supported for : ${name}`)
    changes.push({ kind: 'set', name, value })
  }
  return alterResource(
    { resourceType, resourceName, changes, replaces: true, validateOnly },
    context,
  )
}
