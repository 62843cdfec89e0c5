import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Jars } from '../../../test/clients/jars.ts'

const pom = join(import.meta.dirname, '../../../test/clients/kafka/drivers/java/pom.xml')
const jars = new Jars('java', pom)

/** Of kafka-run-class.sh: what each of Kafka's programs is started with. */
export const javaOptions = [
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
]

/** Apache Kafka's broker and tools, of one release, from Maven's repository. */
export const kafkaJars = {
  fetch: (): Promise<void> => jars.fetch(),

  classPath: `${jars.folder}/*`,

  /** Known once they are fetched. */
  version: (): string => {
    const names = readdirSync(jars.folder).map(name => /^kafka-server-(\d.*)\.jar$/.exec(name)?.[1])
    const version = names.find(name => name !== undefined)
    if (version === undefined) throw new Error(`no kafka-server jar in ${jars.folder}`)
    return version
  },
}
