import { expect, test } from 'vitest'
import { signHead, verifyHead, verifyLogAgainstHeads, witnessHead } from '../../shared/audit/head.ts'
import { EMPTY_LOG, type LogEntry, nextEntry, stateAfter } from '../../shared/audit/log.ts'
import { coSignDocument, digestOfDocument, signDocument } from '../../shared/governance/sign.ts'
import { federation, partyPeople, people, ruleOf } from '../governance/cast.ts'

const logOf = (...subjects: readonly string[]): LogEntry[] => {
  let state = EMPTY_LOG
  return subjects.map(subject => {
    const entry = nextEntry(state, { time: '2026-11-24T08:00:00Z', event: 'run-done', subject, detail: {} })
    state = stateAfter(entry)
    return entry
  })
}
const stateOf = (entries: readonly LogEntry[]) => stateAfter(entries[entries.length - 1] as LogEntry)

const log = logOf('a', 'b', 'c', 'd')
const [early, late] = [stateOf(log.slice(0, 2)), stateOf(log)]
const head = signHead(0, federation, late, partyPeople[0])

test('two parties witness a head, each after following the log to it', () => {
  const once = witnessHead({
    signed: head,
    federation,
    last: early,
    entries: log.slice(2),
    signer: partyPeople[1],
  })
  const twice = witnessHead({ signed: once, federation, entries: log, signer: partyPeople[2] })
  expect(verifyHead(twice, federation)).toEqual({
    head: { kind: 'log-head', federation: digestOfDocument(federation), party: 0, ...late },
    witnesses: [1, 2],
  })
  expect(verifyHead(head, federation).witnesses).toEqual([])
})

test('a head counts with the signature of its own party only, and witnesses are parties', () => {
  expect(ruleOf(() => verifyHead(signHead(0, federation, late, partyPeople[1]), federation))).toBe(
    'head-foreign',
  )
  expect(ruleOf(() => verifyHead(coSignDocument(head, people['acme-hq']), federation))).toBe('head-foreign')
  expect(ruleOf(() => verifyHead(coSignDocument(head, people.stranger), federation))).toBe('signer-unknown')
})

test('a head of a log in another federation is not taken for one of this', () => {
  const other = { ...federation, version: federation.version + 1 }
  expect(ruleOf(() => verifyHead(signHead(0, other, late, partyPeople[0]), federation))).toBe(
    'head-other-federation',
  )
  const unnamed = { kind: 'log-head', party: 0, ...late } as never
  expect(ruleOf(() => verifyHead(signDocument(unnamed, partyPeople[0]), federation))).toBe(
    'document-malformed',
  )
})

test('a head that does not continue what was witnessed is not signed', () => {
  const rewritten = logOf('a', 'x', 'c', 'd')
  const other = signHead(0, federation, stateOf(rewritten), partyPeople[0])
  const witness =
    (entries: readonly LogEntry[], signed = other, last = early) =>
    () =>
      witnessHead({ signed, federation, last, entries, signer: partyPeople[1] })
  expect(witness(rewritten.slice(2))).toThrow(expect.objectContaining({ check: 'log-broken' }))
  expect(witness(log.slice(2))).toThrow(expect.objectContaining({ check: 'log-broken' }))
  expect(witness([])).toThrow(expect.objectContaining({ check: 'log-broken' }))
  const shorter = signHead(0, federation, stateOf(log.slice(0, 1)), partyPeople[0])
  expect(witness([], shorter)).toThrow(expect.objectContaining({ check: 'log-shortened' }))
})

test('an earlier head that comes late is signed when the log leads from it to the last one witnessed', () => {
  const between = log.slice(2)
  const witness = (signed: typeof head, entries: readonly LogEntry[]) => () =>
    witnessHead({ signed, federation, last: late, entries, signer: partyPeople[1] })
  expect(
    verifyHead(witness(signHead(0, federation, early, partyPeople[0]), between)(), federation).witnesses,
  ).toEqual([1])
  const other = signHead(0, federation, stateOf(logOf('a', 'x')), partyPeople[0])
  expect(witness(other, between)).toThrow(expect.objectContaining({ check: 'log-shortened' }))
})

test('a log passes through every head signed earlier, a rewritten one does not', () => {
  expect(verifyLogAgainstHeads(log, [EMPTY_LOG, early, late])).toEqual(late)
  expect(() => verifyLogAgainstHeads(logOf('a', 'x', 'c', 'd'), [early])).toThrow(
    expect.objectContaining({ check: 'log-broken', where: 'entry 2' }),
  )
  expect(() => verifyLogAgainstHeads(log.slice(0, 3), [early, late])).toThrow(
    expect.objectContaining({ check: 'log-broken', where: 'entry 4' }),
  )
})
