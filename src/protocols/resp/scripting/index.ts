export { scriptParameters } from './parameters.ts'
export { type Script, Scripts, scriptsOf } from './scripts.ts'
