/**
 * The documents that a party has verified, by digest, with an index by request. Storing one twice changes nothing.
 * Only what passed its checks gets here, so what is read from here is believed.
 */
import { fromUtf8, utf8 } from '../base/bytes.ts'
import type { KeyOf } from '../crypto/jws.ts'
import type { DocumentKind } from '../governance/document/document.ts'
import {
  type AnyOpenedDocument,
  type OpenedDocument,
  openDocument,
  type SignedDocument,
  signedText,
} from '../governance/sign.ts'
import type { Store } from '../port/store.ts'
import { getBlob, putBlob } from './blob.ts'

export interface Documents {
  has(digest: string): Promise<boolean>
  keep(opened: AnyOpenedDocument, signed: SignedDocument): Promise<void>
  /** One after the other for each request, so that what is counted is still true when the next one is kept. */
  inTurn<T>(request: string, work: () => Promise<T>): Promise<T>
  /** null: not known here. */
  signed(digest: string): Promise<SignedDocument | null>
  open<K extends DocumentKind>(kind: K, digest: string): Promise<OpenedDocument<K> | null>
  /** Digests of all documents of a kind, of one request when it is given. */
  list(kind: DocumentKind, request?: string): Promise<readonly string[]>
  all<K extends DocumentKind>(kind: K, request?: string): Promise<readonly OpenedDocument<K>[]>
  /** All that was said about a request, by one look at its index. */
  about(request: string): Promise<readonly AnyOpenedDocument[]>
}

/** Opened documents kept in memory, by the bytes of their texts: one document may have megabytes. */
const CACHE_BYTES_MAX = 64_000_000

export const createDocuments = (store: Store, keyOf: () => KeyOf): Documents => {
  const cache = new Map<string, AnyOpenedDocument>()
  let cacheBytes = 0
  const remember = (opened: AnyOpenedDocument, bytes: number): void => {
    if (cache.has(opened.digest)) return
    if (cacheBytes + bytes > CACHE_BYTES_MAX) {
      cache.clear()
      cacheBytes = 0
    }
    cacheBytes += bytes
    cache.set(opened.digest, opened)
  }
  const turns = new Map<string, Promise<unknown>>()
  const bodyKey = (digest: string): string => `document/${digest}`

  const signed: Documents['signed'] = async digest => {
    const text = await getBlob(store, bodyKey(digest))
    return text === null ? null : (JSON.parse(fromUtf8(text)) as SignedDocument)
  }
  const open: Documents['open'] = async (kind, digest) => {
    let opened = cache.get(digest)
    if (opened === undefined) {
      const text = await signed(digest)
      if (text === null) return null
      opened = openDocument(text, keyOf())
      remember(opened, signedText(text).length)
    }
    return opened.kind === kind ? (opened as unknown as OpenedDocument<typeof kind>) : null
  }
  const list: Documents['list'] = async (kind, request) => {
    const prefix = request === undefined ? `kind-${kind}/` : `request-${request}/${kind}/`
    return (await store.list(prefix)).map(key => key.slice(prefix.length))
  }
  return {
    has: async digest => cache.has(digest) || (await store.get(bodyKey(digest))) !== null,
    keep: async (opened, document) => {
      // The body comes last, because `has` asks for it: a document that a crash cut short is not here yet.
      const nothing = new Uint8Array()
      const request = 'request' in opened.document ? opened.document.request : undefined
      if (request !== undefined)
        await store.putIfAbsent(`request-${request}/${opened.kind}/${opened.digest}`, nothing)
      await store.putIfAbsent(`kind-${opened.kind}/${opened.digest}`, nothing)
      const body = utf8(signedText(document))
      await putBlob(store, bodyKey(opened.digest), body)
      remember(opened, body.length)
    },
    inTurn: async (request, work) => {
      const turn = (turns.get(request) ?? Promise.resolve()).catch(() => {}).then(work)
      turns.set(request, turn)
      try {
        return await turn
      } finally {
        if (turns.get(request) === turn) turns.delete(request)
      }
    },
    signed,
    open,
    list,
    all: async (kind, request) => {
      const opened = await Promise.all((await list(kind, request)).map(digest => open(kind, digest)))
      return opened.filter(one => one !== null)
    },
    about: async request => {
      const prefix = `request-${request}/`
      const named = (await store.list(prefix)).map(key => key.slice(prefix.length).split('/'))
      const opened = await Promise.all(
        named.map(([kind, digest]) => open(kind as DocumentKind, digest as string)),
      )
      return opened.filter(one => one !== null) as unknown as AnyOpenedDocument[]
    },
  }
}
