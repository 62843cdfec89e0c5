import { fileURLToPath } from 'node:url'
import { groupStage } from './group/stage.ts'
import { playScripts } from './script.ts'

playScripts(fileURLToPath(new URL('group', import.meta.url)), groupStage)
