import { FetchJob } from '../../fetch/fetch-job.ts'
import { sessionError } from '../../fetch/fetch-response.ts'
import { TOPIC_IDS_FROM } from '../../fetch/messages.ts'
import { fetch } from '../../schema/index.ts'
import { handler } from '../handler.ts'

/**
 * 0–3: messages of the old formats, converted. 4–6: batches. 7: sessions. 10: zstd. 13: topics by
 * id. This broker is the only replica, so nearest replicas and followers' fields change nothing.
 */
export const fetchHandler = handler(fetch, [0, 18], (request, context) => {
  const { sessionId, sessionEpoch, topics, forgottenTopicsData } = request
  const isById = context.version >= TOPIC_IDS_FROM
  const plan = context.services.fetchSessions.plan(
    { sessionId, sessionEpoch, isById, topics, forgottenTopicsData },
    context.broker.runtime.clock.now(),
  )
  if (plan.errorCode !== 0) return sessionError(plan.errorCode)
  return new FetchJob(request, context, plan).run()
})
