/** Of RabbitMQ's, those whose feature is here; nothing else is switched by them. */
export const featureFlags = [
  'classic_mirrored_queue_version',
  'implicit_default_bindings',
  'maintenance_mode_status',
  'quorum_queue',
  'stream_queue',
  'user_limits',
  'virtual_host_metadata',
] as const
