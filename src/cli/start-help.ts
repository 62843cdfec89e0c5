import type { Command } from 'commander'
import { flagOf, options } from '../config/index.ts'

/** Only describes `start`: its flags are read without the library, to be quick (src/main.ts). */
export function define(program: Command): void {
  const start = program
    .command('start')
    .description('run the broker (also without any command)')
    .option('--config <file>', 'a YAML file with any of the settings below (SABIR_CONFIG)')
  for (const option of options) {
    const value = option.kind === 'boolean' ? '' : ' <value>'
    const fallback = option.default === null ? '' : ` (default: ${option.default})`
    start.option(`${flagOf(option.key)}${value}`, `${option.about}${fallback}`)
  }
  start.addHelpText(
    'after',
    '\nEach setting can also be given in the environment: --kafka-port is SABIR_KAFKA_PORT.',
  )
}
