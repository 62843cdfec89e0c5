import type { Command } from 'commander'

/** Only for the list of commands: its words are parsed as RabbitMQ's are. */
export function define(program: Command): void {
  program
    .command('rabbitmqctl')
    .description("the command line of RabbitMQ's rabbitmqctl (try: sabir rabbitmqctl help)")
}
