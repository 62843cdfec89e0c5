import { platformaticKind } from './drivers/platformatic/driver.ts'
import { describeClient } from './in-process.ts'

describeClient(platformaticKind)
