/** What can be wrong with a rule, in Redis' words. */
const texts = {
  syntax: 'Syntax error',
  unknown: 'Unknown command or category name in ACL',
  keys:
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have " +
    "any effect. Try 'resetkeys' to start with an empty list of patterns",
  channels:
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not " +
    "have any effect. Try 'resetchannels' to start with an empty list of channels",
  password: 'The password you are trying to remove from the user does not exist',
  digest:
    'The password hash must be exactly 64 characters and contain only lowercase hexadecimal ' +
    'characters',
  nested: 'Allowing first-arg of a subcommand is not supported',
} as const

/** A rule that cannot be applied. */
export class RuleError extends Error {
  override readonly name = 'RuleError'

  constructor(flaw: keyof typeof texts) {
    super(texts[flaw])
  }
}

/** Rules are shown, and kept, with spaces between them. */
export const hasSpace = (text: string): boolean => /[\0\t-\r ]/.test(text)
