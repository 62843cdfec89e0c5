import { flagOf, options, variableOf } from './options.ts'
import { allowedText } from './schema.ts'

/** docs/configuration.md, from the table. A test compares them; UPDATE=1 rewrites the file. */
export function configurationDocument(): string {
  const entries = options.map(option => {
    const fallback = option.default === null ? 'not set' : `\`${option.default}\``
    return [
      `### \`${option.key}\`\n`,
      `${option.about}\n`,
      `- Default: ${fallback}`,
      `- Allowed: ${allowedText(option)}`,
      `- Flag \`${flagOf(option.key)}\`, environment \`${variableOf(option.key)}\`\n`,
    ].join('\n')
  })
  return `${head}\n${entries.join('\n')}`
}

const head = `# Configuration

Nothing has to be configured: \`npx sabir\` (or \`npm start\` in a checkout) keeps its data in
\`./sabir-data\` and serves clients of this machine: Kafka's at port 9092, RabbitMQ's at 5672.

Every setting can be given in four places. The first that has it wins:

1. a flag: \`npx sabir --kafka-port 9192\`
2. the environment: \`SABIR_KAFKA_PORT=9192\`
3. a YAML file, named with \`--config sabir.yaml\` or \`SABIR_CONFIG\`
4. the default

\`\`\`yaml
data: /var/lib/sabir
durability: sync
kafka:
  port: 9092
  advertised: broker.example.com:9092
topics:
  partitions: 3
  defaults:
    retention.ms: 604800000
\`\`\`

Keys may be nested, as here, or dotted (\`kafka.port: 9092\`). A key that is not known, or a value
that is not allowed, ends the start with a message that names it, its place and what is allowed.

## Listeners

Without \`listeners\` there is one for each kind of client: Kafka's at \`kafka.port\`, RabbitMQ's at
\`amqp091.port\`, Redis' at \`resp.port\`, Disque's at \`disque.port\`; once \`tls.cert\` and
\`tls.key\` are set, also one for TLS at each \`tls-port\` that has a value. All are on 127.0.0.1
and ::1. With \`listeners\` there are exactly those that are listed:

\`\`\`yaml
tls:
  key: /etc/sabir/key.pem
  cert: /etc/sabir/cert.pem
  ca: /etc/sabir/clients.pem
listeners:
  - name: inside
    protocol: kafka
    host: localhost
    port: 9092
  - name: outside
    protocol: kafka
    host: 0.0.0.0
    port: 9093
    advertised: broker.example.com:9093
    tls:
      client-certificates: required
\`\`\`

A listener that other machines can reach needs \`tls.client-certificates: required\`, or
\`insecure: true\` to say that everybody there may read and write everything; unless its protocol is
\`amqp091\`, whose clients log in, and whose user \`guest\` may come from this machine only, or
\`resp\`, where who comes from elsewhere has to log in, too.

A client that connects is told to come back to the address it connected to, unless the listener
has \`advertised\`: set that where clients reach the broker through another address, as with
containers and port forwarding.

## All settings
`
