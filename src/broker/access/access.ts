/** Somebody who may connect. */
export interface User {
  readonly name: string
  /** RabbitMQ's: administrator, monitoring, policymaker, management, impersonator; or others. */
  readonly tags: readonly string[]
}

export type Operation = 'configure' | 'write' | 'read'

export type TopicRequest = {
  readonly operation: 'write' | 'read'
  readonly exchange: string
  readonly routingKey: string
  /** Of protocols that have one; stands for `{client_id}`. */
  readonly clientId?: string
}

/**
 * One user store and one access model for all protocols. Permissions are RabbitMQ's: for each user
 * and namespace three patterns, matched against names of queues, topics and exchanges.
 */
export interface Access {
  /** Null: there is no such user, or the password is not theirs. Takes as long in both cases. */
  authenticate(name: string, password: string): Promise<User | null>
  /** For ways of proving who one is that need no password: certificates, anonymous. */
  user(name: string): User | undefined
  /**
   * Some users may come from this machine only: `guest`, unless told otherwise, and those for whom
   * every password is right. Some may not come at all.
   */
  mayLogInFrom(user: User, isLoopback: boolean): boolean
  /** Whether there is any permission at all: a client may enter the namespace. */
  mayEnter(user: User, namespace: string): boolean
  /** The default exchange, whose name is empty, goes by `amq.default`. */
  may(user: User, namespace: string, operation: Operation, name: string): boolean
  /** `{username}`, `{vhost}` and `{client_id}` are filled in. Allowed when nothing is set. */
  mayTopic(user: User, namespace: string, request: TopicRequest): boolean
  /** Rises with every change: caches of answers are void when it moved. */
  readonly version: number
}
