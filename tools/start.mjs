// npm start: one process from the first line on, so that signals reach the broker itself.
import './prepare.mjs'

// npm passes signals on to its shell only, which then dies alone: whoever stops npm means us.
const parent = process.ppid
const watch = () => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
}
if (process.env.npm_lifecycle_event === 'start') setInterval(watch, 250).unref()

process.argv.splice(2, 0, 'start')
await import('../bin/sabir.js')
