import { getCiphers, getHashes } from 'node:crypto'
import { checkColumns, columnsAsked, type Command, CtlError, ctlExit, picked } from '../command.ts'
import { featureFlags } from '../feature-flags.ts'
import { atom, type Row } from '../values.ts'

const columns = ['name', 'state', 'stability', 'provided_by', 'desc', 'doc_url']

const flagRow = (name: string): Row => ({
  name: atom(name),
  state: atom('enabled'),
  stability: atom('stable'),
  provided_by: atom('sabir'),
  desc: '',
  doc_url: '',
})

const known = (names: readonly string[]): { readonly text: string; readonly value: unknown } => ({
  text: `[${names.join(',')}]`,
  value: names,
})

export const commands: readonly Command[] = [
  {
    name: 'list_feature_flags',
    usage: '[<column> ...] [--timeout <timeout>]',
    about: 'Lists feature flags of RabbitMQ that a broker of this kind has',
    section: 'features',
    words: [0, Infinity],
    check: ({ args }) => checkColumns(args, columns),
    banner: () => 'Listing feature flags ...',
    async run({ args }) {
      const asked = columnsAsked(args, ['name', 'state'])
      return { rows: featureFlags.map(flag => picked(flagRow(flag), asked)) }
    },
  },
  {
    name: 'enable_feature_flag',
    usage: '<all | feature_flag>',
    about: 'Does nothing: what there is, is enabled',
    section: 'features',
    words: [1, 1],
    banner: ({ args }) =>
      args[0] === 'all'
        ? 'Enabling all feature flags ...'
        : `Enabling feature flag "${args[0]}" ...`,
    async run({ args: [name = ''], node }) {
      if (name === 'all' || (featureFlags as readonly string[]).includes(name)) return
      const text = `This feature flag is not supported by node ${node}`
      throw new CtlError(ctlExit.usage, `Error:\n${text}`)
    },
  },
  {
    name: 'list_hashes',
    usage: '',
    about: 'Lists hash functions of the runtime',
    section: 'monitoring',
    words: [0, 0],
    needs: 'nothing',
    banner: () => 'Listing supported hash algorithms ...',
    run: async () => known(getHashes()),
  },
  {
    name: 'list_ciphers',
    usage: '',
    about: 'Lists ciphers of the runtime',
    section: 'monitoring',
    words: [0, 0],
    needs: 'nothing',
    banner: () => 'Listing supported ciphers ...',
    run: async () => known(getCiphers()),
  },
  {
    name: 'force_gc',
    usage: '[--timeout <timeout>]',
    about: 'Does nothing: memory is collected as needed',
    section: 'operations',
    words: [0, 0],
    banner: ({ node }) => `Will ask all processes on node ${node} to schedule a full sweep GC`,
    run: async () => undefined,
  },
]
