export { exportDefinitions, exportNamespace } from './export.ts'
export {
  importDefinitions,
  type ImportFailure,
  type ImportOptions,
  type ImportReport,
} from './import.ts'
export type { DefinitionNames, DefinitionParts } from './parts.ts'
export type { Outcome, SectionName } from './sections/index.ts'
