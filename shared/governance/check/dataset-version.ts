/** A dataset version counts when its owner signed it, for this federation. */
import { Refusal } from '../../base/errors.ts'
import { layoutOf } from '../../data/layout.ts'
import { PIECE_BYTES } from '../../data/owner-lock.ts'
import { memberNamed } from '../roles.ts'
import type { OpenedDocument } from '../sign.ts'
import { requireMemberSigned } from './signer.ts'

/**
 * `earlier`: digests of manifests that this one follows. What was shared under one of them counts as long as its owner
 * is still there with the same key, so that nobody has to share again because a party has new keys.
 * Throws `Refusal`: `dataset-other-federation`, `dataset-foreign`, `dataset-table-other` or `dataset-pieces-few`.
 */
export const checkDatasetVersion = (
  opened: OpenedDocument<'dataset-version'>,
  federation: OpenedDocument<'federation'>,
  earlier: ReadonlySet<string> = new Set(),
): void => {
  const { owner, table, schema, rows, pieces, federation: pinned } = opened.document
  if (pinned !== federation.digest && !earlier.has(pinned))
    throw new Refusal('dataset-other-federation', 'the dataset version is for another federation manifest', {
      hint: `share it again under manifest ${federation.digest}`,
    })
  requireMemberSigned('dataset-foreign', federation.document, opened, owner)
  if (!memberNamed(federation.document, owner)?.roles.includes('owner'))
    throw new Refusal('dataset-foreign', `${owner} is a member but not a data owner`, {
      hint: 'ask for a manifest that gives it the role owner',
    })
  if (schema.table !== table)
    throw new Refusal('dataset-table-other', `the schema describes table ${schema.table}, not ${table}`, {
      hint: 'use one table name in the document and its schema',
    })
  // Parties 1 and 2 hold share 2, which stands there in full; party 0 holds two seeds, whatever the number of rows.
  const least = Math.ceil((8 * layoutOf(schema, rows).words) / PIECE_BYTES)
  if (rows > 0 && pieces.some((own, party) => own.length < (party === 0 ? 1 : least)))
    throw new Refusal('dataset-pieces-few', `${rows} rows do not fit into the pieces that are listed`, {
      hint: 'share the dataset again with the client of this version',
    })
}
