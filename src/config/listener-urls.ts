import { closest } from './closest.ts'

const parameters = ['name', 'advertised']

/** "kafka://0.0.0.0:9092?advertised=broker:9092,kafka+tls://[::]:9093" as the file would say it. */
export function parseListeners(text: string, complain: (message: string) => void): object[] {
  return text.split(',').map(part => parseListener(part.trim(), complain))
}

function parseListener(text: string, complain: (message: string) => void): object {
  const match = /^([a-z0-9-]+)(\+tls)?:\/\/(?:\[([^\]]+)\]|([^:/?]*)):(\d+)\/?(?:\?(.*))?$/.exec(
    text,
  )
  if (match === null) {
    complain(`"${text}" is not protocol://host:port`)
    return {}
  }
  const [, protocol, tls, host6, host, port, query] = match
  const listener: Record<string, unknown> = {
    protocol,
    tls: tls !== undefined,
    host: host6 ?? (host === '' ? 'localhost' : host),
    port: Number(port),
  }
  for (const [name, value] of new URLSearchParams(query ?? '')) {
    if (parameters.includes(name)) listener[name] = value
    else complain(`"${name}" is not known, did you mean ${closest(name, parameters) ?? 'name'}?`)
  }
  return listener
}
