#!/usr/bin/env node
// `sabir rabbitmqctl` as a program of its own, so that a link or alias named rabbitmqctl is enough.
import { existsSync } from 'node:fs'
import module from 'node:module'

const built = new URL('../dist/program/main.js', import.meta.url)
if (!existsSync(built)) {
  process.stderr.write(
    'sabir: this checkout is not built yet: run "npm start" or "npm run build".\n',
  )
  process.exit(1)
}
module.enableCompileCache?.()
const { main } = await import(built.href)
await main(['rabbitmqctl', ...process.argv.slice(2)])
