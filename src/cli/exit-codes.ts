/** What a script can tell from the exit code. Shown by --help. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  unreachable: 4,
  timedOut: 5,
  bug: 70,
} as const

export const exitCodesText = `Exit codes:
  0  done
  1  failed, or the broker refused
  2  the command was not understood
  3  there is no such topic, group, queue, user, …
  4  no broker answers at the address
  5  the time was over before it was done`
