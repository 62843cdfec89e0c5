import type { KeyFinder } from '../../command.ts'

/** Where SORT stores. Which keys BY and GET come to is known while it sorts only. */
export const sortKeys: KeyFinder = {
  access: 'OW',
  find: args => {
    let stored: number[] = []
    for (let index = 2; index < args.count - 1; index++) {
      const option = args.lower(index)
      if (option === 'limit') index += 2
      else if (option === 'by' || option === 'get') index++
      else if (option === 'store') stored = [++index] // The last one counts.
    }
    return stored
  },
}
