/** Verifying a party's log offline: the chain from its first entry, and the heads that parties signed along the way. */

import { type VerifiedHead, verifyHead, verifyLogAgainstHeads } from '../../shared/audit/head.ts'
import { type LogEntry, type LogState, verifyLog } from '../../shared/audit/log.ts'
import { Abort, InputError } from '../../shared/base/errors.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { asUnder, type Connection, findDocuments } from './federation-client.ts'
import { VerificationFailed } from './verification-failed.ts'

export interface VerifiedLog {
  readonly state: LogState
  readonly entries: readonly LogEntry[]
  /** Signed heads that the log passes through. */
  readonly heads: readonly VerifiedHead[]
}

/** Throws VerificationFailed with the first entry that does not hold. */
export const verifyEntries = (
  entries: readonly unknown[],
  heads: readonly VerifiedHead[] = [],
): VerifiedLog => {
  try {
    const state = verifyLog(entries)
    const checked = entries as readonly LogEntry[]
    verifyLogAgainstHeads(
      checked,
      heads.map(({ head }) => head),
    )
    return { state, entries: checked, heads }
  } catch (error) {
    if (!(error instanceof Abort)) throw error
    throw new VerificationFailed(
      error.check,
      `${error.message}${error.where === undefined ? '' : ` (${error.where})`}`,
      {
        hint: 'Keep this log and the signed heads: together they are evidence.',
        cause: error,
      },
    )
  }
}

/** All entries, as the party gives them. */
export const fetchEntries = async (
  connection: Connection,
  party: PartyIndex,
): Promise<readonly unknown[]> => {
  const front = connection.fronts[party]
  const entries: unknown[] = []
  for (;;) {
    const query = { after: String(entries.length) }
    const answer = await front.json({ method: 'GET', path: 'v1/log', query })
    const page = (answer as { entries?: unknown } | undefined)?.entries
    if (!Array.isArray(page)) throw new InputError(`${front.name} sent something that is not a log`)
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

export const headsOf = async (connection: Connection, party: PartyIndex): Promise<readonly VerifiedHead[]> =>
  (await findDocuments(connection, 'log-head'))
    .filter(({ document }) => document.party === party)
    .map(({ signed, document }) =>
      verifyHead(signed, asUnder(connection, document.federation).federation.document),
    )
