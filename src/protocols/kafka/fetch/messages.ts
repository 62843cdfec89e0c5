import type { fetch, RequestOf, ResponseDraft } from '../schema/index.ts'

export type FetchRequest = RequestOf<typeof fetch>
export type FetchResponse = ResponseDraft<typeof fetch>

/** The first version that names topics by id. */
export const TOPIC_IDS_FROM = 13
