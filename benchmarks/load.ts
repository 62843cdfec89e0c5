import { argv } from 'node:process'

/** `npm run load -- kafka …` runs benchmarks/loads/kafka/main.ts with what follows. */
const [name, ...options] = argv.slice(2)
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
  process.stderr.write('Which load? For example: npm run load -- kafka --help\n')
  process.exitCode = 2
} else {
  const load: { run(options: string[]): Promise<void> } = await import(`./loads/${name}/main.ts`)
  await load.run(options)
}
