/** What parties say about a run: ready, abort and done count from the party they name, for the run they name. */
import { Refusal } from '../../base/errors.ts'
import type { OpenedDocument } from '../sign.ts'
import { requireRegion } from './region.ts'
import { requirePartySigned } from './signer.ts'

export interface RunContext {
  readonly federation: OpenedDocument<'federation'>
  readonly request: OpenedDocument<'request'>
  /** See `runId`. */
  readonly run: string
}

const requireRun = (
  opened: OpenedDocument<'ready'> | OpenedDocument<'abort'> | OpenedDocument<'done'>,
  { federation, request, run }: RunContext,
): void => {
  const { kind, party } = opened.document
  if (opened.document.request !== request.digest || opened.document.run !== run)
    throw new Refusal(`${kind}-other-run`, `the ${kind} of party ${party} is about another run`, {
      hint: `it must name request ${request.digest} and run ${run}`,
    })
  requirePartySigned(`${kind}-foreign`, federation.document, opened, party)
}

/** The same digests, in whatever order. */
const sameDigests = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join()

/**
 * `approvals`: digests of those that the reader verified itself. Throws `Refusal`: `ready-other-run`, `ready-foreign`,
 * `ready-other-approvals` or `ready-other-region`.
 */
export const checkReady = (
  opened: OpenedDocument<'ready'>,
  context: RunContext & { readonly approvals: readonly string[] },
): void => {
  requireRun(opened, context)
  if (!sameDigests(opened.document.approvals, context.approvals))
    throw new Refusal(
      'ready-other-approvals',
      `party ${opened.document.party} is ready with other approvals than ours`,
      { hint: 'send every approval to all three parties, and start a new attempt' },
    )
  const { party, locations } = opened.document
  requireRegion('ready-other-region', context.federation.document.parties[party], locations)
}

/** Throws `Refusal`: `abort-other-run` or `abort-foreign`. */
export const checkAbort = (opened: OpenedDocument<'abort'>, context: RunContext): void =>
  requireRun(opened, context)

/** Throws `Refusal`: `done-other-run` or `done-foreign`. */
export const checkDone = (opened: OpenedDocument<'done'>, context: RunContext): void =>
  requireRun(opened, context)
