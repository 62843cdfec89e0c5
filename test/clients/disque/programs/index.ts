import type { Program } from '../program.ts'
import { spinach } from './java/program.ts'
import { npmPrograms } from './npm/program.ts'
import { pythonPrograms } from './python/program.ts'
import { redisCli } from './redis-cli.ts'

export const programs: readonly Program[] = [...npmPrograms, ...pythonPrograms, spinach, redisCli]
