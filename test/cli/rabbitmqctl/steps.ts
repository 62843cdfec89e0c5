/**
 * Command lines of rabbitmqctl, in this order, on a broker nobody used before. `~` in front: the
 * order of the lines is not compared. `!` is done by the test itself. FOLDER is an empty folder.
 */
export const steps = `
version
ping
list_users
-q list_users
-s list_users
--silent list_users
list_users --quiet
list_users --no-table-headers
list_users -q --no-table-headers
list_users --formatter=json
list_users --formatter json
list_users --formatter=csv
list_users --formatter=pretty_table
list_users --formatter=erlang
list_users more
version --formatter json
ping --formatter=json
ping -q
list_user_limits --formatter json
list_user_limits --global --formatter json
list_vhost_limits --global --formatter json
list_vhost_limits -q
add_vhost again --formatter json
delete_vhost again --formatter json
list_feature_flags
list_feature_flags --formatter=json name
list_user_permissions guest --formatter=csv
list_vhosts --formatter=erlang name tracing
list_exchanges -p nosuch --formatter=json
list_queues --formatter=csv
list_queues --formatter=pretty_table
list_queues --vhost=/ --no-table-headers name
--vhost / list_queues -q
list_queues -p
list_queues -x
list_users --nosuch
add_user
add_user ann secret
add_user ann secret
add_user bob builder --quiet
add_user bob2 a b
add_user '' x
authenticate_user ann secret
authenticate_user ann wrong
authenticate_user nobody wrong
authenticate_user ann
change_password ann geheim
change_password nobody geheim
authenticate_user ann geheim
clear_password ann
clear_password nobody
authenticate_user ann geheim
change_password ann secret
set_user_tags ann administrator
set_user_tags ann administrator monitoring
set_user_tags nobody administrator
set_user_tags bob
set_user_tags
~list_users
~list_users --formatter=json
~list_users --formatter=csv
delete_user bob
delete_user bob
delete_user
list_vhosts
list_vhosts name tracing
list_vhosts name description tags default_queue_type
list_vhosts nosuch
list_vhosts --formatter=json name tracing
add_vhost team
add_vhost team
add_vhost described --description 'of the team' --tags one,two
add_vhost typed --default-queue-type quorum
add_vhost wrong --default-queue-type nosuch
add_vhost
~list_vhosts name description tags
~-q list_vhosts
set_vhost_tags team a b
~list_vhosts name tags -q
delete_vhost typed
delete_vhost nosuch
set_permissions ann '.*' '.*' '.*'
set_permissions -p team ann '^ann-.*' '' '.*'
set_permissions -p nosuch ann '.*' '.*' '.*'
set_permissions nobody '.*' '.*' '.*'
set_permissions ann '.*'
~list_permissions
~list_permissions -p team
~list_permissions --formatter json
list_permissions -p nosuch
~list_user_permissions ann
~list_user_permissions ann --formatter=json
list_user_permissions nobody
list_user_permissions
clear_permissions -p team ann
clear_permissions -p nosuch ann
clear_permissions nobody
~list_user_permissions ann
set_topic_permissions ann amq.topic '^a' '^b'
set_topic_permissions -p team ann amq.topic '^a' '^b'
set_topic_permissions nobody amq.topic '^a' '^b'
set_topic_permissions -p nosuch ann amq.topic '^a' '^b'
set_topic_permissions ann amq.topic '^a'
list_topic_permissions
list_topic_permissions -p team -q
list_topic_permissions -p nosuch
~list_user_topic_permissions ann
list_user_topic_permissions nobody
clear_topic_permissions ann amq.topic
clear_topic_permissions -p team ann
clear_topic_permissions nobody
list_topic_permissions
set_user_limits ann '{"max-connections": 5, "max-channels": 50}'
set_user_limits ann '{"max-nosuch": 5}'
set_user_limits ann nojson
set_user_limits nobody '{"max-connections": 5}'
list_user_limits
list_user_limits --user ann
list_user_limits --global
list_user_limits --user nobody
clear_user_limits ann max-connections
clear_user_limits ann all
list_user_limits --user ann
set_vhost_limits '{"max-connections": 64, "max-queues": 100}'
set_vhost_limits -p team '{"max-connections": -1}'
set_vhost_limits '{"nosuch": 1}'
set_vhost_limits '{"max-queues": "many"}'
set_vhost_limits nojson
set_vhost_limits -p nosuch '{"max-queues": 1}'
list_vhost_limits
~list_vhost_limits --global
list_vhost_limits -p nosuch
clear_vhost_limits
clear_vhost_limits
list_vhost_limits
set_policy ttl '^ttl-' '{"message-ttl":60000}'
set_policy long '.*' '{"max-length":100,"overflow":"reject-publish"}' --priority 7 --apply-to queues
set_policy -p team teams '^t' '{"expires":1000}' --apply-to exchanges
set_policy bad '.*' '{"nosuch":1}'
set_policy bad '(' '{"message-ttl":1}'
set_policy bad '.*' nojson
set_policy bad '.*' '{"message-ttl":"long"}'
set_policy bad '.*' '{}' 
set_policy bad '.*' '{"message-ttl":1}' --apply-to nosuch
set_policy bad '.*' '{"message-ttl":1}' --priority high
set_policy -p nosuch bad '.*' '{"message-ttl":1}'
set_policy bad
~list_policies
~list_policies -p team
~list_policies --formatter=json
~-q list_policies --no-table-headers
list_policies -p nosuch
clear_policy long
clear_policy long
clear_policy -p nosuch long
clear_policy
set_operator_policy cap '.*' '{"max-length":1000}' --apply-to queues --priority 1
set_operator_policy bad '.*' '{"dead-letter-exchange":"x"}'
list_operator_policies
list_operator_policies --formatter=json
clear_operator_policy cap
clear_operator_policy cap
list_operator_policies
set_parameter shovel one '{"src":1}'
set_parameter policy one '{"message-ttl":1}'
set_parameter operator_policy one '{"pattern":".*",\
"definition":{"max-length":7},"apply-to":"queues","priority":0}'
set_parameter vhost-limits limits '{"max-queues":7}'
set_parameter vhost-limits limits nojson
set_parameter -p nosuch vhost-limits limits '{"max-queues":7}'
set_parameter one
~list_parameters
~list_parameters --formatter=json
list_parameters -p nosuch
clear_parameter vhost-limits limits
clear_parameter operator_policy one
clear_parameter operator_policy one
set_global_parameter colour '"blue"'
set_global_parameter shape '{"corners":[1,2]}'
set_global_parameter bad nojson
clear_global_parameter shape
clear_global_parameter shape
set_cluster_name harbour
~-q list_global_parameters
!topology
~list_queues
~list_queues name messages consumers
~-q list_queues name durable auto_delete arguments type state
~-q list_queues name policy exclusive messages_ready messages_unacknowledged
~list_queues --formatter=json name messages arguments policy durable exclusive_consumer_tag
~list_queues --formatter=csv name messages durable
~-s list_queues name message_bytes message_bytes_ready
~-s list_queues name owner_pid exclusive_consumer_pid
~-s list_queues name exclusive_consumer_tag head_message_timestamp
~list_queues --no-table-headers name
~list_queues -p team
~list_queues -p nosuch
~list_queues --offline
~list_queues --online
~list_queues --local --silent
~list_queues -t 5
~list_queues --timeout 5 name
list_queues --timeout soon
list_queues name nosuch other
~list_queues name,messages
~list_exchanges
~list_exchanges name type durable auto_delete internal arguments policy
~list_exchanges --formatter=json name arguments
~list_exchanges -p team -q
list_exchanges nosuch
list_exchanges -p nosuch
~list_bindings
~list_bindings source_name destination_name arguments
~list_bindings --formatter=json source_name routing_key arguments
~list_bindings -p team
list_bindings nosuch
~list_connections
~list_connections user peer_host protocol state channels vhost auth_mechanism timeout \
frame_max channel_max
~-q list_connections user ssl ssl_protocol ssl_cipher peer_cert_subject
~list_connections --formatter=json user vhost ssl
list_connections nosuch
~-s list_channels user vhost transactional confirm consumer_count messages_unacknowledged
~-s list_channels number messages_uncommitted acks_uncommitted messages_unconfirmed prefetch_count
list_channels nosuch
~-s list_consumers queue_name consumer_tag ack_required prefetch_count active \
activity_status arguments
~-q list_consumers queue_name consumer_tag
~list_consumers queue_name --formatter=json
~list_consumers -p team
list_consumers nosuch
purge_queue orders
purge_queue nosuch
purge_queue -p team nosuch
purge_queue
~-s list_queues name messages --formatter=json
delete_queue temp
delete_queue nosuch
delete_queue orders --if-empty
delete_queue orders --if-unused
delete_queue work --if-unused
delete_queue
trace_on
~-s list_vhosts name tracing
trace_on -p nosuch
trace_off
trace_off -p team
set_vm_memory_high_watermark 0.5
set_vm_memory_high_watermark absolute 2000000000
set_vm_memory_high_watermark absolute 2GB
set_vm_memory_high_watermark absolute
set_vm_memory_high_watermark 2
set_vm_memory_high_watermark -1
set_vm_memory_high_watermark much
set_vm_memory_high_watermark
set_disk_free_limit 1000000
set_disk_free_limit 1GB
set_disk_free_limit mem_relative 1.5
set_disk_free_limit nosuch
set_disk_free_limit mem_relative much
set_disk_free_limit
close_connection nosuch gone
close_connection '<rabbit@localhost.1.99999.0>' gone
close_connection one
close_all_user_connections ann gone
close_all_connections gone
close_all_connections -p team gone
close_all_connections
!settle
-s list_connections
set_log_level debug
list_feature_flags nosuch
enable_feature_flag all
enable_feature_flag nosuch
enable_feature_flag
await_startup
await_startup --timeout 5
await_online_nodes 1
rotate_logs
force_gc
list_unresponsive_queues
suspend_listeners
resume_listeners
export_definitions FOLDER/definitions.json
export_definitions
export_definitions FOLDER/no/such/folder.json
import_definitions FOLDER/definitions.json
import_definitions FOLDER/missing.json
eval_file
stop_app
-s list_queues
list_users
ping
reset more
status more
start_app
reset
force_reset
stop_app
reset
start_app
~list_users
~list_vhosts
-s list_queues
await_startup
cluster_status more
join_cluster
forget_cluster_node rabbit@nosuch
change_cluster_node_type ram
lst_queues
list_queue
`
  .split('\n')
  .filter(line => line !== '')

/** Words of a line, as a shell would cut it. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [, quoted, plain] of line.matchAll(/'([^']*)'|(\S+)/g)) words.push(quoted ?? plain!)
  return words
}
