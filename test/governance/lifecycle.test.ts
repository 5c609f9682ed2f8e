import { expect, test } from 'vitest'
import { lifecycleOf } from '../../shared/governance/lifecycle.ts'
import { runId } from '../../shared/governance/run.ts'
import type { AnyOpenedDocument } from '../../shared/governance/sign.ts'
import {
  approvalOf,
  approvals,
  digest,
  doneOf,
  nowS,
  offerOf,
  offers,
  offersWith,
  opened,
  openedFederation,
  openedRequest,
  partyPeople,
  people,
  readyOf,
  run,
  versions,
} from './cast.ts'

const at = (documents: readonly unknown[], options: { nowS?: number; begun?: boolean } = {}) =>
  lifecycleOf({
    federation: openedFederation,
    request: openedRequest,
    versions,
    documents: documents as readonly AnyOpenedDocument[],
    nowS,
    ...options,
  })

const parties = [0, 1, 2] as const
const readies = parties.map(party => readyOf(party))
const dones = parties.map(party => doneOf(party))
const [approvalDe, approvalFr] = approvals
const refusal = (by: string, signer: (typeof people)[keyof typeof people]) =>
  opened({ kind: 'refusal', request: openedRequest.digest, by, reason: 'too detailed' }, signer)
const abort = opened(
  {
    kind: 'abort',
    request: openedRequest.digest,
    run,
    party: 1,
    check: 'share-copies-differ',
    where: 'load',
  },
  partyPeople[1],
)
const DAY = 86_400

test('requested: waits for the offers of the parties', () => {
  expect(at([])).toMatchObject({
    state: 'requested',
    attempt: 0,
    waitingFor: [
      'offer of party 0 (operator-0)',
      'offer of party 1 (operator-1)',
      'offer of party 2 (operator-2)',
    ],
  })
  expect(at([offers[0], offers[2]])).toMatchObject({
    state: 'requested',
    attempt: 1,
    waitingFor: ['offer of party 1 (operator-1)'],
  })
})

test('offered: waits for the approval of each owner', () => {
  const life = at(offers)
  expect(life).toMatchObject({
    state: 'offered',
    attempt: 1,
    run,
    waitingFor: ['approval of owner acme-de', 'approval of owner acme-fr'],
  })
  expect(at([...offers, approvalDe]).waitingFor).toEqual(['approval of owner acme-fr'])
})

test('offered: an approval that does not hold is not there, and the rule is said', () => {
  const wrong = opened(approvalOf('acme-de', { planDigest: digest('another plan') }), people['acme-de'])
  expect(at([...offers, wrong, approvalFr])).toMatchObject({
    state: 'offered',
    waitingFor: ['approval of owner acme-de (approval-other-plan)'],
  })
})

test('approved, ready, running, done', () => {
  const approved = at([...offers, ...approvals])
  expect(approved).toMatchObject({
    state: 'approved',
    waitingFor: [
      'readiness of party 0 (operator-0)',
      'readiness of party 1 (operator-1)',
      'readiness of party 2 (operator-2)',
    ],
  })
  expect(approved.approvals?.get('acme-de')).toBe(approvalDe)
  expect(at([...offers, ...approvals, readies[0], readies[2]])).toMatchObject({
    state: 'approved',
    waitingFor: ['readiness of party 1 (operator-1)'],
  })
  const all = [...offers, ...approvals, ...readies]
  expect(at(all)).toMatchObject({ state: 'ready', run })
  expect([...(at(all).approvals?.keys() ?? [])]).toEqual(['acme-de', 'acme-fr'])
  expect(at(all, { begun: true }).state).toBe('running')
  expect(at([...all, dones[0], dones[1]])).toMatchObject({
    state: 'running',
    waitingFor: ['completion of party 2 (operator-2)'],
  })
  expect(at([...all, ...dones])).toMatchObject({ state: 'done', waitingFor: [] })
})

test('the order of the documents, repeats and documents about other requests do not matter', () => {
  const all = [...offers, ...approvals, ...readies, ...dones.slice(0, 1)]
  const other = opened(offerOf(0, { request: digest('another request'), attempt: 2 }), partyPeople[0])
  expect(at([...all].reverse())).toMatchObject({ state: 'running' })
  expect(at([other, ...all, ...all])).toMatchObject({ state: 'running', attempt: 1 })
})

test('refused: by an owner, a data protection officer or a party, at any time before it is done', () => {
  const no = refusal('acme-fr', people['acme-fr'])
  expect(at([no])).toMatchObject({ state: 'refused', reason: { by: 'acme-fr', text: 'too detailed' } })
  expect(at([...offers, ...approvals, ...readies, no], { begun: true }).state).toBe('refused')
  expect(at([...offers, ...approvals, ...readies, ...dones, no]).state).toBe('done')
  expect(at([refusal('acme-dpo', people['acme-dpo'])]).state).toBe('refused')
  expect(at([refusal('operator-2', people['party-2'])]).state).toBe('refused')
})

test('a refusal of somebody without a say changes nothing', () => {
  expect(at([refusal('acme-hq', people['acme-hq'])]).state).toBe('requested')
  expect(at([refusal('acme-fr', people['acme-de'])]).state).toBe('requested')
})

test('refused: offers that disagree end the attempt, and a new attempt takes its place', () => {
  const other = opened(offerOf(2, { planDigest: digest('another plan') }), partyPeople[2])
  expect(at([offers[0], offers[1], other])).toMatchObject({
    state: 'refused',
    reason: { rule: 'offers-disagree' },
  })
  expect(at([offers[0], offers[1], other, ...offersWith({ attempt: 2 })])).toMatchObject({
    state: 'offered',
    attempt: 2,
  })
})

test('an offer, ready, abort or done that another party signed does not count', () => {
  const forgedOffer = opened(offerOf(1), partyPeople[0])
  expect(at([offers[0], forgedOffer, offers[2]]).waitingFor).toEqual(['offer of party 1 (operator-1)'])
  const forgedReady = opened(readies[1]?.document as never, partyPeople[0])
  expect(at([...offers, ...approvals, readies[0], forgedReady, readies[2]]).state).toBe('approved')
  const forgedAbort = opened(abort.document, partyPeople[2])
  expect(at([...offers, ...approvals, ...readies, forgedAbort]).state).toBe('ready')
  const forgedDone = opened(dones[1]?.document as never, partyPeople[0])
  expect(at([...offers, ...approvals, ...readies, dones[0], forgedDone, dones[2]]).state).toBe('running')
})

test('aborted: says who, which check and where; a new attempt goes on', () => {
  const documents = [...offers, ...approvals, ...readies, abort]
  expect(at(documents)).toMatchObject({
    state: 'aborted',
    reason: { by: 'operator-1', rule: 'share-copies-differ' },
  })
  expect(at(documents).reason?.text).toContain('at load')
  const second = offersWith({ attempt: 2 })
  const life = at([...documents, ...second])
  expect(life).toMatchObject({ state: 'offered', attempt: 2 })
  expect(life.run).toBe(
    runId(
      openedRequest.digest,
      [second[0]?.digest as string, second[1]?.digest as string, second[2]?.digest as string],
      2,
    ),
  )
  // Approvals of the first attempt carry grants to keys that are gone.
  expect(life.waitingFor[0]).toBe('approval of owner acme-de (approval-other-offer)')
})

test('a finished run stays finished, whatever offer a party makes afterwards', () => {
  const later = opened(offerOf(0, { attempt: 2 }), partyPeople[0])
  expect(at([...offers, ...approvals, ...readies, ...dones, later])).toMatchObject({
    state: 'done',
    attempt: 1,
  })
})

test('expired: before all parties are ready, not after', () => {
  expect(at([], { nowS: nowS + DAY })).toMatchObject({
    state: 'expired',
    reason: { rule: 'request-expired' },
  })
  expect(at([...offers, ...approvals, readies[0]], { nowS: nowS + DAY }).state).toBe('expired')
  expect(at([...offers, ...approvals, ...readies], { nowS: nowS + DAY }).state).toBe('ready')
  const short = offersWith({ expiresAt: '2026-11-24T09:00:00Z' })
  expect(at(short, { nowS: nowS + 3600 })).toMatchObject({
    state: 'expired',
    reason: { rule: 'offer-expired' },
  })
})

test('parties that are ready with different approvals do not start', () => {
  const other = readyOf(2, { approvals: [digest('another approval')] })
  expect(at([...offers, ...approvals, readies[0], readies[1], other])).toMatchObject({
    state: 'approved',
    waitingFor: ['readiness of party 2 (operator-2) (ready-other-approvals)'],
  })
  expect(at([...offers, ...approvals, ...readies, other]).state).toBe('approved')
})
