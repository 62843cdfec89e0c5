export { Parameters, type Parameter } from './parameters.ts'
