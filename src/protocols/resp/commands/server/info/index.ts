import type { Call, Command } from '../../../command.ts'
import { type InfoFields, sections, usualSections } from './sections.ts'

export const infoCommands: readonly Command[] = [
  {
    name: 'info',
    arity: -1,
    group: 'server',
    flags: ['loading', 'stale'],
    categories: ['dangerous'],
    since: '1.0.0',
    summary: 'What the server is and does, in sections.',
    run: info,
  },
]

function info(call: Call): void {
  const { args, reply, services } = call
  const wanted = new Set<string>()
  for (let index = 1; index < args.count; index++) wanted.add(args.lower(index))
  const isAll = wanted.has('all') || wanted.has('everything')
  const isUsual = wanted.size === 0 || wanted.has('default')
  let text = ''
  for (const [title, fieldsOf] of Object.entries(sections)) {
    const name = title.toLowerCase()
    if (!isAll && !wanted.has(name) && !(isUsual && usualSections.has(name))) continue
    if (text !== '') text += '\r\n'
    text += `# ${title}\r\n${linesOf(fieldsOf(services))}`
  }
  reply.verbatim('txt', text)
}

const linesOf = (fields: InfoFields): string =>
  fields.map(([name, value]) => `${name}:${value}\r\n`).join('')
