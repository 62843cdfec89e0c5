import { errorCode } from '../../constants.ts'
import { apiVersions, type ResponseDraft } from '../../schema/index.ts'
import { handler } from '../handler.ts'

/** KIP-511: letters and digits, and between them also dots and dashes. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

type ApiVersionsResponse = ResponseDraft<typeof apiVersions>

/**
 * Says what the registry holds, and no more. No features are finalized: transactions and the new
 * group protocols, which clients look for there, are not offered.
 */
export const apiVersionsHandler = handler(apiVersions, [0, 4], (request, context) => {
  const { clientSoftwareName, clientSoftwareVersion } = request
  if (context.version >= 3) {
    if (!SOFTWARE.test(clientSoftwareName) || !SOFTWARE.test(clientSoftwareVersion))
      return { errorCode: errorCode.INVALID_REQUEST, apiKeys: [] }
    context.client.softwareName = clientSoftwareName
    context.client.softwareVersion = clientSoftwareVersion
  }
  return { errorCode: 0, apiKeys: context.services.served }
})

/** The answer, in version 0, to a version we have never heard of: it names those we have. */
export function unknownVersionResponse(): ApiVersionsResponse {
  const [minVersion, maxVersion] = apiVersionsHandler.versions
  return {
    errorCode: errorCode.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: apiVersions.key, minVersion, maxVersion }],
  }
}
