/**
 * Where a request stands, computed from the documents about it and the time, by anybody who has them: nothing is
 * stored that could disagree. A document that fails its check counts as not there; `waitingFor` then says which rule.
 *
 *   requested → offered → approved → ready → running → done | aborted | refused | expired
 */
import { Refusal } from '../base/errors.ts'
import { PARTIES, type PartyIndex } from '../sharing/shared.ts'
import { checkApproval, checkApprovals, ownersOf } from './check/approval.ts'
import { checkOffer, checkOffersAgree, type ThreeOffers } from './check/offer.ts'
import { checkRefusal } from './check/refusal.ts'
import { checkAbort, checkDone, checkReady, sameDigests } from './check/run.ts'
import { secondsOf } from './document/common.ts'
import type { DatasetVersion } from './document/dataset-version.ts'
import type { DocumentKind } from './document/document.ts'
import { runId } from './run.ts'
import type { AnyOpenedDocument, OpenedDocument } from './sign.ts'

type RequestState =
  | 'requested'
  | 'offered'
  | 'approved'
  | 'ready'
  | 'running'
  | 'done'
  | 'aborted'
  | 'refused'
  | 'expired'

interface Reason {
  /** Who said so: a member, an operator, or what the reader compared by itself. */
  readonly by: string
  /** Name of the rule or check, when one failed. */
  readonly rule?: string | undefined
  readonly text: string
  readonly hint?: string | undefined
}

export interface Lifecycle {
  readonly state: RequestState
  /** 1 for the first attempt; 0 before any offer. */
  readonly attempt: number
  /** What is missing for the next state, such as `approval of owner acme-de`. */
  readonly waitingFor: readonly string[]
  /** Why it ended, for aborted, refused and expired. */
  readonly reason?: Reason
  /** As soon as the three offers of the attempt agree. */
  readonly run?: string
  readonly offers?: ThreeOffers
  /** The approval that counts, by owner, in the states approved, ready and running. */
  readonly approvals?: ReadonlyMap<string, OpenedDocument<'approval'>>
}

export interface LifecycleInput {
  readonly federation: OpenedDocument<'federation'>
  readonly request: OpenedDocument<'request'>
  /** The dataset versions that the request reads, by digest. */
  readonly versions: ReadonlyMap<string, DatasetVersion>
  /** Opened documents, in any order; those about other requests are ignored. */
  readonly documents: readonly AnyOpenedDocument[]
  readonly nowS: number
  /** Whether the reader has seen the run begin; three ready parties are `ready` until then. */
  readonly begun?: boolean
}

/** The refusal that a check gives, or undefined when it passes. Other errors are bugs and go on. */
const refusalOf = (check: () => void): Refusal | undefined => {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

const passes = (check: () => void): boolean => refusalOf(check) === undefined

const partiesWithout = (
  opened: readonly { readonly document: { readonly party: PartyIndex } }[],
): readonly PartyIndex[] => PARTIES.filter(party => !opened.some(({ document }) => document.party === party))

/** Documents of one kind about the request, each once, whoever signed it how often. */
const ofKind = <K extends DocumentKind>(
  { request, documents }: LifecycleInput,
  kind: K,
): readonly OpenedDocument<K>[] => {
  const about = documents.filter(
    opened =>
      opened.kind === kind && 'request' in opened.document && opened.document.request === request.digest,
  )
  return [...new Map(about.map(opened => [opened.digest, opened])).values()] as unknown as OpenedDocument<K>[]
}

/** One attempt: its offers, and its run once the three agree. */
interface Attempt {
  readonly attempt: number
  readonly made: readonly OpenedDocument<'offer'>[]
  readonly offers?: ThreeOffers
  readonly run?: string
  /** Why there is no run. */
  readonly problem?: Refusal
}

const attemptOf = (input: LifecycleInput, attempt: number): Attempt => {
  // An expired offer still says which run later documents are about, so the time is not asked here.
  const context = { ...input, nowS: Number.NEGATIVE_INFINITY }
  const made = ofKind(input, 'offer').filter(
    opened => opened.document.attempt === attempt && passes(() => checkOffer(opened, context)),
  )
  const problem = refusalOf(() => checkOffersAgree(made))
  if (problem) return { attempt, made, problem }
  const offers = checkOffersAgree(made)
  const run = runId(input.request.digest, [offers[0].digest, offers[1].digest, offers[2].digest], attempt)
  return { attempt, made, offers, run }
}

/** The latest attempt, unless an earlier one was finished: a finished run cannot be undone by a new offer. */
const currentAttempt = (input: LifecycleInput): Attempt => {
  const numbers = [...new Set(ofKind(input, 'offer').map(({ document }) => document.attempt))]
  const attempts = numbers.sort((a, b) => b - a).map(attempt => attemptOf(input, attempt))
  const begun = attempts.filter(({ made }) => made.length > 0)
  return (
    begun.find(attempt => partiesWithout(donesOf(input, attempt)).length === 0) ??
    begun[0] ?? { attempt: 0, made: [], problem: new Refusal('offers-missing', 'no party has made an offer') }
  )
}

const donesOf = (input: LifecycleInput, { run }: Attempt): readonly OpenedDocument<'done'>[] =>
  run === undefined
    ? []
    : ofKind(input, 'done').filter(opened => passes(() => checkDone(opened, { ...input, run })))

/** Signed by the party it names and about this run, whatever approvals it lists. */
const readiesOf = (input: LifecycleInput, { run }: Attempt): readonly OpenedDocument<'ready'>[] =>
  run === undefined
    ? []
    : ofKind(input, 'ready').filter(opened =>
        passes(() => checkReady(opened, { ...input, run, approvals: opened.document.approvals })),
      )

/** Words for what is missing of a party. */
const nameParty = ({ federation }: LifecycleInput, what: string, party: PartyIndex): string =>
  `${what} of party ${party} (${federation.document.parties[party].operator})`

const known = ({ attempt, offers, run }: Attempt) => ({
  attempt,
  ...(offers === undefined || run === undefined ? {} : { offers, run }),
})

/** Done, aborted or refused: said by somebody who may say so. */
const ended = (input: LifecycleInput, attempt: Attempt): Lifecycle | undefined => {
  const { run } = attempt
  if (partiesWithout(donesOf(input, attempt)).length === 0)
    return { state: 'done', ...known(attempt), waitingFor: [] }
  const abort = ofKind(input, 'abort').find(
    opened => run !== undefined && passes(() => checkAbort(opened, { ...input, run })),
  )
  if (abort) {
    const { party, check, where } = abort.document
    const reason = {
      by: input.federation.document.parties[party].operator,
      rule: check,
      text: `party ${party} stopped the run: ${check}${where === undefined ? '' : ` at ${where}`}`,
      hint: 'start a new attempt when the cause is known',
    }
    return { state: 'aborted', ...known(attempt), waitingFor: [], reason }
  }
  const no = ofKind(input, 'refusal').find(opened => passes(() => checkRefusal(opened, input)))
  if (no) {
    const { by, rule, reason: text, hint } = no.document
    return { state: 'refused', ...known(attempt), waitingFor: [], reason: { by, rule, text, hint } }
  }
  return undefined
}

/**
 * Ready or running: all three parties have verified the same approvals while those held. From here on no document
 * expires; only the parties' own deadlines count.
 */
const underWay = (input: LifecycleInput, attempt: Attempt): Lifecycle | undefined => {
  const readies = readiesOf(input, attempt)
  const pinned = readies[0]?.document.approvals
  if (pinned === undefined) return undefined
  const agreeing = readies.filter(({ document }) => sameDigests(document.approvals, pinned))
  if (partiesWithout(agreeing).length > 0 || agreeing.length !== readies.length) return undefined
  const approvals = ofKind(input, 'approval').filter(({ digest }) => pinned.includes(digest))
  const dones = donesOf(input, attempt)
  return {
    state: input.begun || dones.length > 0 ? 'running' : 'ready',
    ...known(attempt),
    waitingFor: partiesWithout(dones).map(party => nameParty(input, 'completion', party)),
    approvals: new Map(approvals.map(opened => [opened.document.owner, opened])),
  }
}

const expired = (input: LifecycleInput, attempt: Attempt): Lifecycle | undefined => {
  const late = [input.request, ...attempt.made].find(
    ({ document }) => secondsOf(document.expiresAt) <= input.nowS,
  )
  if (late === undefined) return undefined
  const reason = {
    by: 'the clock',
    rule: `${late.kind}-expired`,
    text: `the ${late.kind} expired at ${late.document.expiresAt}`,
    hint: late.kind === 'offer' ? 'start a new attempt' : 'make a new request',
  }
  return { state: 'expired', ...known(attempt), waitingFor: [], reason }
}

/** Requested, offered or approved: something is still missing. */
const gathering = (input: LifecycleInput, attempt: Attempt): Lifecycle => {
  const { made, offers, run, problem } = attempt
  if (offers === undefined || run === undefined) {
    if (problem !== undefined && problem.rule !== 'offers-missing') {
      const { rule, message, hint } = problem
      const reason = { by: 'the comparison of the offers', rule, text: message, hint }
      return { state: 'refused', ...known(attempt), waitingFor: [], reason }
    }
    const missing = partiesWithout(made).map(party => nameParty(input, 'offer', party))
    return { state: 'requested', ...known(attempt), waitingFor: missing }
  }
  const context = { ...input, offers }
  const approvals = ofKind(input, 'approval')
  const missing = ownersOf(context).flatMap(owner => {
    const problems = approvals
      .filter(({ document }) => document.owner === owner)
      .map(opened => refusalOf(() => checkApproval(opened, context)))
    if (problems.includes(undefined)) return []
    const rules = problems.map(problem => problem?.rule).join(', ')
    return [`approval of owner ${owner}${rules === '' ? '' : ` (${rules})`}`]
  })
  if (missing.length > 0) return { state: 'offered', ...known(attempt), waitingFor: missing }

  const chosen = checkApprovals(approvals, context)
  const digests = [...chosen.values()].map(({ digest }) => digest)
  const waitingFor = PARTIES.flatMap(party => {
    const own = readiesOf(input, attempt).filter(({ document }) => document.party === party)
    const other = own.find(({ document }) => !sameDigests(document.approvals, digests))
    if (own.length > 0 && other === undefined) return []
    const why = other === undefined ? '' : ' (ready-other-approvals)'
    return [`${nameParty(input, 'readiness', party)}${why}`]
  })
  return { state: 'approved', ...known(attempt), waitingFor, approvals: chosen }
}

export const lifecycleOf = (input: LifecycleInput): Lifecycle => {
  const attempt = currentAttempt(input)
  return (
    ended(input, attempt) ?? underWay(input, attempt) ?? expired(input, attempt) ?? gathering(input, attempt)
  )
}
