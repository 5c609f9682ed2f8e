import { expect, test } from 'vitest'
import { inPlainWords, plainText } from '../../shared/governance/plain-words.ts'
import { datasets, federation, offers, request } from './cast.ts'

const text = plainText(
  inPlainWords({
    federation,
    request,
    versions: datasets.map(({ document }) => document),
    disclosure: {
      kind: 'disclosure',
      version: 1,
      recipientLearns: ['One row: the number of people and their mean salary.'],
      partiesLearn: ['120 rows of acme-de.'],
      notes: [],
    },
    offer: offers[0].document,
    owner: 'acme-de',
  }),
)

test.each([
  ['who asks', 'acme-hq (NL)'],
  ['for what purpose', 'pay gap report'],
  ['what is computed', request.sql],
  ['what the recipient learns', 'One row: the number of people and their mean salary.'],
  ['that nobody else learns it', 'and nobody else'],
  ['the smallest group', 'fewer than 5 rows'],
  ['which data is the reader’s', 'Your data: table pay, version 1, 120 rows, columns salary.'],
  ['which data is of others', 'Data of acme-fr: table pay'],
  ['until when', '2026-11-25T08:00:00Z'],
  ['who can decrypt the result', 'Only acme-hq can decrypt the result.'],
  ['that two parties together could read', 'any two that work together during the run could read'],
  ['who the parties are and who owns them', 'operator-1 (FR), owned by parent-1 (FR)'],
  ['what it costs', '12 rounds and 300 B between the parties'],
])('says %s', (_, expected) => {
  expect(text).toContain(expected)
})

test('never shows a key or a digest: they mean nothing to a person', () => {
  expect(text).not.toMatch(/[A-Za-z0-9_-]{40}/)
})
