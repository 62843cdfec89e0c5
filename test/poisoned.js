// The broker as it is, but memory that it uses again is overwritten first, and little is kept in
// memory, so that much is used again: whoever still reads it is found out.
//
//   TEST_PROGRAM=test/poisoned.js npm run test:clients -- kafka
import { poisonWhatIsGivenBack } from '../dist/lib/given-back.js'
import { main } from '../dist/main.js'

poisonWhatIsGivenBack()
const words = process.argv.slice(2)
await main(words[0] === 'start' ? [...words, '--memory-tail', '1MiB'] : words)
