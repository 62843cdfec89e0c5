import { argv } from 'node:process'

/** `npm run bench -- kafka …` runs benchmarks/kafka/main.ts with what follows. */
const [name, ...options] = argv.slice(2)
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
  process.stderr.write('Which benchmark? For example: npm run bench -- kafka --help\n')
  process.exitCode = 2
} else {
  const benchmark: { run(options: string[]): Promise<void> } = await import(`./${name}/main.ts`)
  await benchmark.run(options)
}
