import { crowds } from './crowds.ts'
import { readers } from './readers.ts'
import { sizes } from './sizes.ts'
import { type Scenario, Stage } from './stage.ts'
import { strangers } from './strangers.ts'

/**
 * What bad and unlucky AMQP clients do to a real broker: it stays within its memory, and serves
 * the others.
 *
 *   SHARE=0.1 npm run test:hostile [-- words of a name]
 */
const share = Number(process.env['SHARE'] ?? 1)
const scenarios: readonly Scenario[] = [...strangers, ...crowds, ...sizes, ...readers]

async function main(): Promise<void> {
  const asked = process.argv.slice(2).join(' ')
  let passed = 0
  let failed = 0
  for (const scenario of scenarios) {
    if (!scenario.name.includes(asked)) continue
    const began = performance.now()
    // Each has a broker of its own: what one left behind is no excuse for the next.
    const stage = await Stage.open(scenario.flags ?? [], share)
    try {
      const told = (await scenario.run(stage)) ?? ''
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      passed++
      console.log(`ok      ${scenario.name} (${seconds} s) ${told}`)
    } catch (error) {
      failed++
      console.log(`FAILED  ${scenario.name}`, error)
      console.log(`  the broker's last words: ${stage.log.slice(-1500)}`)
    }
    await stage.close()
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

await main()
