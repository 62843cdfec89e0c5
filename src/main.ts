/**
 * The program. Starting the broker is the path that must be short, so it is taken before anything
 * of the other commands is loaded.
 * Resolves when the broker is ready, or the command done.
 */
export async function main(words: readonly string[]): Promise<{ readonly isBroker: boolean }> {
  const [first] = words
  const asksForWords = words.some(word =>
    ['--help', '-h', '--version', '-V', 'help'].includes(word),
  )
  const isBroker =
    !asksForWords && (first === undefined || first === 'start' || first.startsWith('--'))
  if (isBroker) {
    const { start } = await import('./cli/start.ts')
    await start(first === 'start' ? words.slice(1) : words)
  } else {
    const { run } = await import('./cli/index.ts')
    // The reader of a pipe may have seen enough (`| head`): that is no failure.
    process.stdout.on('error', () => process.exit(0))
    await run(words)
  }
  return { isBroker }
}
