import { assert } from '../../../lib/assert.ts'
import { compile, type Codec } from './compile.ts'
import { isFlexible, type Api, type DraftOf, type Fields, type ShapeOf } from './dsl.ts'

/** By table, then by version. Compiled when first asked for: start-up pays for nothing. */
const compiled = new WeakMap<Fields, Codec<unknown>[]>()

/** The codec of an API's requests. The caller has checked that the version exists. */
export function requestCodec<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  version: number,
): Codec<ShapeOf<Request>, DraftOf<Request>> {
  return codecOf(api, version, api.request)
}

/** The codec of an API's responses. The caller has checked that the version exists. */
export function responseCodec<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  version: number,
): Codec<ShapeOf<Response>, DraftOf<Response>> {
  return codecOf(api, version, api.response)
}

function codecOf<Table extends Fields>(
  api: Api,
  version: number,
  table: Table,
): Codec<ShapeOf<Table>, DraftOf<Table>> {
  let versions = compiled.get(table)
  if (versions === undefined) compiled.set(table, (versions = []))
  let codec = versions[version]
  if (codec === undefined) {
    const [first, last] = api.versions
    assert(version >= first && version <= last, 'a codec is asked for a version that exists')
    codec = compile(table, version, isFlexible(api, version)) as unknown as Codec<unknown>
    versions[version] = codec
  }
  // It was compiled from this very table.
  return codec as unknown as Codec<ShapeOf<Table>, DraftOf<Table>>
}
