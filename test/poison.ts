import { poisonWhatIsGivenBack } from '../src/lib/given-back.ts'

// Before every test file: views that outlive their memory must not go unnoticed.
poisonWhatIsGivenBack()
