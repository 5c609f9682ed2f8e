/** The table of all document kinds. A kind that is not in it does not exist. */
import type { z } from 'zod'
import { abortSchema } from './abort.ts'
import { approvalSchema } from './approval.ts'
import { datasetVersionSchema } from './dataset-version.ts'
import { doneSchema } from './done.ts'
import { federationSchema } from './federation.ts'
import { logHeadSchema } from './log-head.ts'
import { offerSchema } from './offer.ts'
import { readySchema } from './ready.ts'
import { refusalSchema } from './refusal.ts'
import { requestSchema } from './request.ts'

export const documentSchemas = Object.freeze({
  federation: federationSchema,
  'dataset-version': datasetVersionSchema,
  request: requestSchema,
  offer: offerSchema,
  approval: approvalSchema,
  refusal: refusalSchema,
  ready: readySchema,
  abort: abortSchema,
  done: doneSchema,
  'log-head': logHeadSchema,
})

export type DocumentKind = keyof typeof documentSchemas

export type DocumentOf<K extends DocumentKind> = Readonly<z.infer<(typeof documentSchemas)[K]>>

export type TriasDocument = { [K in DocumentKind]: DocumentOf<K> }[DocumentKind]

export const isDocumentKind = (kind: unknown): kind is DocumentKind =>
  typeof kind === 'string' && Object.hasOwn(documentSchemas, kind)
