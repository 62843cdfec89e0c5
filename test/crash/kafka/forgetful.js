// A broker with a bug: what it recovers lacks the last commit of offsets.
import { Facts } from '../../../dist/broker/group/facts.js'
import { Groups } from '../../../dist/broker/group/groups.js'
import { main } from '../../../dist/main.js'

const { evolve } = Facts.prototype
const { start } = Groups.prototype
let isRecovering = true
let held = null

Facts.prototype.evolve = function (event) {
  if (!isRecovering || event.kind !== 'committed') return evolve.call(this, event)
  if (held !== null) evolve.call(this, held)
  held = event
}

Groups.prototype.start = function () {
  isRecovering = false
  start.call(this)
}

await main(process.argv.slice(2))
