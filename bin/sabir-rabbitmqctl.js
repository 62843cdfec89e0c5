#!/usr/bin/env node
// `sabir rabbitmqctl` as a program of its own, so that a link or alias named rabbitmqctl is enough.
import { run } from './program.js'

await run(['rabbitmqctl', ...process.argv.slice(2)])
