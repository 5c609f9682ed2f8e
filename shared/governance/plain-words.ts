/**
 * A request in plain words, for the person who has to say yes or no: who asks, why, who learns what, from which data,
 * until when, and who could read it. Computed from the signed documents and the reader's own compilation only.
 */
import { byteCount } from '../base/byte-count.ts'
import type { Disclosure } from '../sql/plan.ts'
import type { DatasetVersion } from './document/dataset-version.ts'
import type { Federation, Member } from './document/federation.ts'
import type { Offer } from './document/offer.ts'
import type { Request } from './document/request.ts'
import { memberNamed } from './roles.ts'

/** One question that an owner has, and the answer in a few sentences. */
export interface PlainAnswer {
  readonly question: string
  readonly answer: readonly string[]
}

export interface PlainInput {
  readonly federation: Federation
  readonly request: Request
  /** The dataset versions that the request reads. */
  readonly versions: readonly DatasetVersion[]
  /** Of the reader's own compilation, whose digest the approval will carry. */
  readonly disclosure?: Disclosure
  /** Of the same compilation: the strictest that the request and the owners ask for. The request's where left out. */
  readonly minimumGroupSize?: number
  /** Any of the three offers, after they were found to agree. */
  readonly offer?: Offer
  /** Whose data is called "your data". */
  readonly owner?: string
}

const inCountry = (member: Member | undefined, name: string): string =>
  member === undefined ? name : `${name} (${member.country})`

const dataOf = ({ versions, owner }: PlainInput): readonly string[] =>
  versions.map(version => {
    const whose = version.owner === owner ? 'Your data' : `Data of ${version.owner}`
    const columns = version.schema.columns.map(({ name }) => name).join(', ')
    return `${whose}: table ${version.table}, version ${version.sequence}, ${version.rows} rows, columns ${columns}.`
  })

const readersOf = ({ federation, request }: PlainInput): readonly string[] => [
  `Only ${request.recipient} can decrypt the result.`,
  'No single party can decrypt anything; any two that work together during the run could read its data:',
  ...federation.parties.map(
    ({ index, operator, country, parent, parentCountry, provider, region }) =>
      `party ${index}: ${operator} (${country}), owned by ${parent} (${parentCountry}), at ${provider} ${region}.`,
  ),
]

const costOf = ({ rounds, bytesPerParty }: Offer['cost']): string => {
  const total = bytesPerParty.reduce((sum, bytes) => sum + bytes, 0)
  return `${rounds} rounds and ${byteCount(total)} between the parties.`
}

export const inPlainWords = (input: PlainInput): readonly PlainAnswer[] => {
  const { federation, request, disclosure, offer } = input
  const analyst = inCountry(memberNamed(federation, request.analyst), request.analyst)
  const recipient = inCountry(memberNamed(federation, request.recipient), request.recipient)
  return [
    { question: 'Who asks?', answer: [`${analyst}, in the federation ${federation.name}.`] },
    { question: 'For what purpose?', answer: [`${request.purpose}.`] },
    { question: 'What is computed?', answer: [request.sql] },
    {
      question: 'Who learns the result, and what is in it?',
      answer: [`${recipient}, and nobody else.`, ...(disclosure?.recipientLearns ?? [])],
    },
    {
      question: 'How small may a group be?',
      answer: [
        `Results about fewer than ${input.minimumGroupSize ?? request.minimumGroupSize} rows are suppressed before they exist.`,
      ],
    },
    { question: 'Which data is read?', answer: dataOf(input) },
    {
      question: 'What do the computing parties learn?',
      answer: disclosure?.partiesLearn ?? ['Schemas, row counts and the plan; no values.'],
    },
    { question: 'Who could decrypt?', answer: readersOf(input) },
    { question: 'Until when?', answer: [`The request expires at ${request.expiresAt}.`] },
    ...(offer === undefined ? [] : [{ question: 'What does it cost?', answer: [costOf(offer.cost)] }]),
    ...(disclosure === undefined || disclosure.notes.length === 0
      ? []
      : [{ question: 'What else should you know?', answer: disclosure.notes }]),
  ]
}

/** For a terminal or a letter: each question on a line, its answers indented below. */
export const plainText = (answers: readonly PlainAnswer[]): string =>
  answers
    .map(({ question, answer }) =>
      [question, ...answer.flatMap(text => text.split('\n')).map(line => `  ${line}`)].join('\n'),
    )
    .join('\n')
