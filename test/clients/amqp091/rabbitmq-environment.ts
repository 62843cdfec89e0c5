import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { freePort } from '../brokers.ts'

/** For Debian's RabbitMQ and its tools: a node with ports of its own, that writes to one folder. */
export async function rabbitmqEnvironment(
  folder: string,
  node: string,
  port: number,
): Promise<NodeJS.ProcessEnv> {
  return {
    ...process.env,
    HOME: folder, // The cookie is made there.
    RABBITMQ_NODENAME: `${node}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(await freePort()),
    ERL_EPMD_PORT: String(await freePort()),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
  }
}

/** To be ended after the node, which would otherwise start one that nobody ends. */
export function startPortMapper(environment: NodeJS.ProcessEnv): ChildProcess {
  return spawn('epmd', ['-address', '127.0.0.1'], { env: environment, stdio: 'ignore' })
}
