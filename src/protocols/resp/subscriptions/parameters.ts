import { ReplyError } from '../errors.ts'
import type { Parameter } from '../parameters/index.ts'
import { notificationClasses, type Notifications } from './notifications.ts'
import type { OutputLimits } from './output-limits.ts'

/** What CONFIG knows of subscribers. */
export function subscriptionParameters(
  notifications: Notifications,
  outputLimits: OutputLimits,
): readonly Parameter[] {
  return [
    {
      name: 'notify-keyspace-events',
      get: () => notifications.classes,
      set(value) {
        const classes = notificationClasses(value)
        if (classes === null) throw refused('notify-keyspace-events', INVALID_CLASS)
        notifications.classes = classes
      },
    },
    {
      name: 'client-output-buffer-limit',
      get: () => outputLimits.text,
      set(value) {
        const flaw = outputLimits.set(value)
        if (flaw !== null) throw refused('client-output-buffer-limit', flaw)
      },
    },
  ]
}

const INVALID_CLASS = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."

const refused = (name: string, flaw: string): ReplyError =>
  new ReplyError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${flaw}`)
