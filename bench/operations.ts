/**
 * What is measured. Inputs are masks, which are uniformly random sharings, so no operation sees special values. Each
 * names the bytes a party has to send at least by the cited protocol; the report divides what was sent by that.
 */
import { and } from '../shared/protocol/and.ts'
import { bitToField } from '../shared/protocol/bit-to-field.ts'
import type { Cost } from '../shared/protocol/cost.ts'
import { dotProducts } from '../shared/protocol/dot-products.ts'
import { equal } from '../shared/protocol/equal.ts'
import { lessThan } from '../shared/protocol/less-than.ts'
import { multiply } from '../shared/protocol/multiply.ts'
import { oneHot } from '../shared/protocol/one-hot.ts'
import { sort, sortCost } from '../shared/protocol/radix-sort.ts'
import { shuffle, shuffleCost } from '../shared/protocol/shuffle.ts'
import type { Session } from '../shared/session/session.ts'
import { type SharedBits, type SharedField, sum } from '../shared/sharing/shared.ts'
import { payReport } from './pay-report.ts'
import { STATEMENTS } from './statements.ts'
import { WORKLOADS } from './workloads.ts'

type Computation = (session: Session) => Promise<unknown>

export interface Operation {
  readonly name: string
  /** Elements at full size; quick runs take a hundredth. */
  readonly n: number
  /** Bytes that each party sends on average, at least; for a report, what its plan was costed at. */
  readonly lowerBound: (n: number) => number | Promise<number>
  /** Draws the inputs (not timed) and returns the computation (timed). */
  readonly prepare: (session: Session, n: number) => Computation | Promise<Computation>
}

const column = (session: Session, name: string, width: number, n: number): SharedBits[] =>
  Array.from({ length: width }, (_, slice) => session.maskBits(`${name}-${slice}`, n))

const comparison = (
  name: string,
  width: number,
  ands: number,
  protocol: (session: Session, x: readonly SharedBits[], y: readonly SharedBits[]) => Promise<SharedBits>,
): Operation => ({
  name: `${name}, ${width} bits`,
  n: 1_000_000,
  lowerBound: n => (n * ands) / 8,
  prepare: (session, n) => {
    const x = column(session, 'x', width, n)
    const y = column(session, 'y', width, n)
    return timed => protocol(timed, x, y)
  },
})

/** ANDs of the selection tree, see `shared/protocol/less-than.ts`. */
const lessThanAnds = (width: number): number => 2 * width - Math.ceil(Math.log2(width + 1))

/** What the parties send on average. */
const average = ({ bytesPerParty: [p0, p1, p2] }: Cost): number => (p0 + p1 + p2) / 3

const GROUPS = 16
/** Rows at a time: sixteen converted columns of a block stay far below the memory of one function. */
const ROW_BLOCK = 1 << 18

export const operations: readonly Operation[] = [
  {
    name: 'AND (bits)',
    n: 64_000_000,
    lowerBound: n => n / 8,
    prepare: (session, n) => {
      const x = session.maskBits('x', n)
      const y = session.maskBits('y', n)
      return timed => and(timed, [x], [y])
    },
  },
  {
    name: 'multiply',
    n: 10_000_000,
    lowerBound: n => 8 * n,
    prepare: (session, n) => {
      const x = session.maskField('x', n)
      const y = session.maskField('y', n)
      return timed => multiply(timed, x, y)
    },
  },
  {
    name: 'dot product',
    n: 10_000_000,
    lowerBound: () => 8,
    prepare: (session, n) => {
      const x = session.maskField('x', n)
      const y = session.maskField('y', n)
      return timed => dotProducts(timed, [{ x: [x], y: [y] }])
    },
  },
  ...[8, 32, 60].map(width => comparison('equal', width, width - 1, equal)),
  ...[8, 32, 60].map(width => comparison('less-than', width, lessThanAnds(width), lessThan)),
  {
    name: 'bit to F_p',
    n: 1_000_000,
    lowerBound: n => 8 * n,
    prepare: (session, n) => {
      const b = session.maskBits('b', n)
      return timed => bitToField(timed, b)
    },
  },
  {
    name: `one-hot group sum, ${GROUPS} groups`,
    n: 1_000_000,
    // Eleven ANDs make sixteen one-hot bits of four, and every bit of every group is converted.
    lowerBound: n => n * (11 / 8 + 8 * GROUPS),
    prepare: (session, n) => {
      const blocks = Array.from({ length: Math.ceil(n / ROW_BLOCK) }, (_, block) => {
        const rows = Math.min(ROW_BLOCK, n - block * ROW_BLOCK)
        const inputs = session.step(`input-${block}`)
        return { key: column(inputs, 'key', Math.log2(GROUPS), rows), value: inputs.maskField('value', rows) }
      })
      return async timed => {
        const groups: SharedField[][] = Array.from({ length: GROUPS }, () => [])
        for (const [index, { key }] of blocks.entries()) {
          const step = timed.step(`block-${index}`)
          const hot = await oneHot(step.step('one-hot'), key, GROUPS)
          const converted = await Promise.all(
            hot.map((bit, group) => bitToField(step.step(`to-field-${group}`), bit)),
          )
          converted.forEach((column, group) => void groups[group]?.push(column))
        }
        const values = blocks.map(block => block.value)
        const sums = await dotProducts(
          timed.step('sum'),
          groups.map(x => ({ x, y: values })),
        )
        return { sums, counts: groups.map(blocksOf => blocksOf.map(block => sum(timed.kernel, block))) }
      }
    },
  },
  {
    name: 'shuffle, 8 bytes a row',
    n: 1_000_000,
    lowerBound: n => average(shuffleCost([{ domain: 'field', length: n }])),
    prepare: (session, n) => {
      const x = session.maskField('x', n)
      return timed => shuffle(timed, [x])
    },
  },
  ...[100_000, 1_000_000].map(
    (full): Operation => ({
      name: `sort by 32 bits, ${full.toLocaleString('en')} rows`,
      n: full,
      lowerBound: n => average(sortCost(32, [{ domain: 'field', length: n }], n)),
      prepare: (session, n) => {
        const key = column(session, 'key', 32, n)
        const x = session.maskField('x', n)
        return timed => sort(timed, key, [x])
      },
    }),
  ),
  payReport,
  ...STATEMENTS,
  ...WORKLOADS,
]
