// npm start: one process from the first line on, so that signals reach the broker itself.
import './prepare.mjs'

process.argv.splice(2, 0, 'start')
await import('../bin/sabir.js')
