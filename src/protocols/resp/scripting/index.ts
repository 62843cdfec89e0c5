export { type Script, Scripts, scriptsOf } from './scripts.ts'
