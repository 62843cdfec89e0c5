// A broker with a bug: it answers a commit of offsets, and writes it later.
import { setTimeout as sleep } from 'node:timers/promises'
import { Facts } from '../../../dist/broker/group/facts.js'
import { Offsets } from '../../../dist/broker/group/offsets.js'
import { main } from '../../../dist/main.js'

const WRITES_AFTER_MS = 1000
const { evolve } = Facts.prototype
const { commit } = Offsets.prototype
let facts = null
let isLate = false

// The process that took a commit knows of it at once and for good: only a crash shows the bug.
Facts.prototype.evolve = function (event) {
  facts = this
  if (!isLate) evolve.call(this, event)
}

Offsets.prototype.commit = function (groupId, offsets, retentionMs, reply) {
  facts.evolve({ kind: 'committed', groupId, committedAt: Date.now(), expiresAt: null, offsets })
  reply(null)
  void sleep(WRITES_AFTER_MS).then(() => {
    isLate = true
    commit.call(this, groupId, offsets, retentionMs, () => {})
    isLate = false
  })
}

await main(process.argv.slice(2))
