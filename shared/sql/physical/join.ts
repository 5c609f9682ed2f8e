/**
 * Join on secret keys: for every row of the left side what the right side holds under the same key. Left rows stay where
 * they are, so their columns never move and may even be public.
 *
 *     rows = right, then left        sorted by (usable, key), stable: a group is its right rows, then its left rows
 *     same_r = row r + 1 has the same key and is usable      start_r = ¬same_{r-1}
 *     right columns and "is a usable right row" are filled down from the starts of groups, and brought back to the left
 *
 * A row that is not usable (it does not count, or its key is NULL) is a group of its own, so nothing reaches it, and it
 * reaches nothing. Where a group starts with a left row, it holds zeros: no match.
 *
 * When a left row may meet up to m right rows, it comes m times, and copy j meets the row j below the start of its group,
 * if all between continue the group as right rows: continue_r = right_r ∧ same_{r-1}, and an AND over j neighbours. So
 * one sort serves any m. That no group has more than m right rows is checked where it was only declared (`at-most.ts`);
 * keys that no left row can have, because they are NULL or out of its declared range, are no violation.
 *
 * inner: a copy counts when it has met a row. left: the first copy counts always, with NULLs where it has met none.
 * semi, anti: the left row counts when it has, or has not, met any; duplicates on the right do not matter, nothing is checked.
 *
 * Reference 2.7, with two deviations: groups are filled down from their starts instead of comparing keys with the right
 * row above, and duplicates are met by shifts instead of ranks in the key.
 * Secret: everything, the number of matches as well. Public: shapes, the uniform permutations of one sort and two moves,
 * and, where checked, that the declaration holds. Opened: those permutations, and the check. Sort of w + 1 bits, then
 * ceil(log2(w + 1)) + 14 rounds.
 */
import { bitsOnes } from '../../bits/bits.ts'
import { fieldZeros } from '../../field/field.ts'
import { and } from '../../protocol/and.ts'
import { bitToField } from '../../protocol/bit-to-field.ts'
import { equal } from '../../protocol/equal.ts'
import { fillDown } from '../../protocol/fill-down.ts'
import { moveRows } from '../../protocol/permutation.ts'
import { sortPermutation } from '../../protocol/radix-sort.ts'
import { bitsConcat, bitsSlice, isField, type Column as Vector } from '../../protocol/rows.ts'
import type { Session } from '../../session/session.ts'
import {
  fieldConcat,
  fieldSlice,
  not,
  type SharedBits,
  type SharedField,
  shareOfBits,
  xor,
  zeroBits,
} from '../../sharing/shared.ts'
import type { TableNode } from '../plan.ts'
import { requireNone } from './at-most.ts'
import { conform, withIndicator } from './forms.ts'
import { type JoinKey, joinKeys } from './join-keys.ts'
import { type Table, type TableColumn, vectorsOf, withVectors } from './table.ts'

type JoinNode = Extract<TableNode, { operator: 'join' }>

/** What the copies of the left rows have met: whether anything, and the right side's vectors. */
interface Met {
  readonly matched: SharedBits
  readonly payload: readonly Vector[]
}

const zerosLike = ({ kernel }: Session, vector: Vector, rows: number): Vector =>
  isField(vector) ? { own: fieldZeros(kernel, rows), next: fieldZeros(kernel, rows) } : zeroBits(kernel, rows)

const concat = ({ kernel }: Session, parts: readonly Vector[]): Vector =>
  parts.every(isField)
    ? fieldConcat(kernel, parts)
    : (parts as readonly SharedBits[]).reduce((a, b) => bitsConcat(kernel, a, b))

const slice = ({ kernel }: Session, vector: Vector, from: number, to: number): Vector =>
  isField(vector) ? fieldSlice(kernel, vector, from, to) : bitsSlice(kernel, vector, from, to)

/** Row r holds what row r + by held; zeros at the end. */
const shiftUp = <V extends Vector>(session: Session, vector: V, by: number): V => {
  const rows = vector.own.length
  const cut = Math.min(by, rows)
  return concat(session, [slice(session, vector, cut, rows), zerosLike(session, vector, cut)]) as V
}

/** Entry j: whether rows r + 1 … r + j all continue the group of row r as right rows, for j from 1 to `most`. */
const runsOf = async (session: Session, continues: SharedBits, most: number): Promise<SharedBits[]> => {
  const runs: SharedBits[] = [shiftUp(session, continues, 1)]
  while (runs.length < most) {
    const have = runs.length
    const more = runs.slice(0, most - have)
    const longer = await and(
      session.step(`level-${have}`),
      more.map(() => runs[have - 1] as SharedBits),
      more.map(run => shiftUp(session, run, have)),
    )
    runs.push(...longer)
  }
  return runs
}

/** `payload` are vectors over the right rows. */
const meet = async (
  session: Session,
  [left, right]: readonly [JoinKey, JoinKey],
  payload: readonly Vector[],
  copies: number,
  bound: { readonly columns: readonly string[]; readonly rowsMax: number } | undefined,
): Promise<Met[]> => {
  const { kernel, party } = session
  const [leftRows, rightRows] = [left.usable.own.length, right.usable.own.length]
  const rows = leftRows + rightRows
  const none = <V extends Vector>(vector: V): V => zerosLike(session, vector, leftRows) as V
  if (leftRows === 0 || rightRows === 0)
    return Array.from({ length: copies }, () => ({
      matched: zeroBits(kernel, leftRows),
      payload: payload.map(none),
    }))

  const key = right.slices.map((part, j) => bitsConcat(kernel, part, left.slices[j] as SharedBits))
  const usable = bitsConcat(kernel, right.usable, left.usable)
  const ofRight = [right.usable, ...payload].map(vector => concat(session, [vector, none(vector)]))
  const positions = await sortPermutation(session.step('sort'), [...key, not(kernel, party, usable)])
  const moved = await moveRows<Vector>(session.step('move'), positions, [...key, usable, ...ofRight])
  const sortedKey = moved.columns.slice(0, key.length) as SharedBits[]
  const [sortedUsable, source, ...carried] = moved.columns.slice(key.length) as [
    SharedBits,
    SharedBits,
    ...Vector[],
  ]

  const upper = (vector: SharedBits): SharedBits => bitsSlice(kernel, vector, 0, rows - 1)
  const lower = (vector: SharedBits): SharedBits => bitsSlice(kernel, vector, 1, rows)
  const one = (length: number): SharedBits => shareOfBits(kernel, party, bitsOnes(kernel, length))
  // Usable rows come first, so the row above a usable one is usable.
  const same = await equal(
    session.step('same'),
    [...sortedKey.map(upper), lower(sortedUsable)],
    [...sortedKey.map(lower), one(rows - 1)],
  )
  const starts = bitsConcat(kernel, one(1), not(kernel, party, same))

  const runLength = bound === undefined ? copies - 1 : copies
  const continued =
    runLength === 0
      ? []
      : await and(session.step('continues'), [source], [bitsConcat(kernel, zeroBits(kernel, 1), same)])
  const runs = await Promise.all(
    continued.map(continues => runsOf(session.step('runs'), continues, runLength)),
  ).then(lists => lists.flat())

  const ofCopies = [source, ...runs.slice(0, copies - 1)].map((flag, j) => [
    flag,
    ...carried.map(vector => shiftUp(session, vector, j)),
  ])
  const [filled] = await Promise.all([
    fillDown<Vector>(session.step('fill'), starts, ofCopies.flat()),
    bound && requireNone(session.step('at-most'), runs[copies - 1] as SharedBits, bound),
  ])
  const back = await moved.moveBack(session.step('back'), filled)
  const ofLeft = back.map(vector => slice(session, vector, rightRows, rows))
  const width = 1 + payload.length
  return Array.from({ length: copies }, (_, j) => {
    const [matched, ...vectors] = ofLeft.slice(j * width, (j + 1) * width) as [SharedBits, ...Vector[]]
    return { matched, payload: vectors }
  })
}

/** A column of the right side beside the left rows; NULL where it is nullable in the result only and nothing was met. */
const metColumn = (
  column: TableColumn,
  isNullable: boolean,
  met: { readonly bit: SharedBits; readonly field: SharedField | undefined },
): TableColumn =>
  column.notNull !== undefined || !isNullable
    ? column
    : {
        ...column,
        column: { ...column.column, nullable: true },
        notNull: { bit: met.bit, field: column.field && met.field },
      }

export const join = async (session: Session, left: Table, right: Table, node: JoinNode): Promise<Table> => {
  const { kernel } = session
  const isFilter = node.join === 'semi' || node.join === 'anti'
  const copies = isFilter ? 1 : node.matchesMax
  const fromRight = node.holds.filter(
    ({ column }) => !left.columns.has(column.name) && !left.public.has(column.name),
  )
  const [keys, payload] = await Promise.all([
    joinKeys(session.step('keys'), left, right, node.on),
    payloadOf(session.step('payload'), right, fromRight),
  ])
  const met = await meet(
    session.step('meet'),
    keys,
    payload.flatMap(vectorsOf),
    copies,
    node.checked && !isFilter
      ? { columns: node.on.map(pair => pair.right), rowsMax: node.matchesMax }
      : undefined,
  )

  const matched = met.map(copy => copy.matched)
  const [first] = matched as [SharedBits]
  const validOf: Record<JoinNode['join'], () => SharedBits[]> = {
    inner: () => matched,
    left: () => [left.valid, ...matched.slice(1)],
    semi: () => [first],
    // Whatever has met something counts.
    anti: () => [xor(kernel, left.valid, first)],
  }
  const joined = <V extends Vector>(parts: readonly V[]): V => concat(session, parts) as V
  const repeated = <V extends Vector>(vector: V): V => joined(Array.from({ length: copies }, () => vector))

  const columns = new Map<string, TableColumn>()
  for (const [name, column] of left.columns)
    columns.set(name, withVectors(column, vectorsOf(column).map(repeated)))
  let at = 0
  const bit = joined(matched)
  const needsElement = payload.some(
    (column, i) => column.notNull === undefined && column.field && fromRight[i]?.column.nullable,
  )
  const element = needsElement ? await bitToField(session.step('matched'), bit) : undefined
  for (const [i, column] of payload.entries()) {
    const vectors = vectorsOf(column).map(() => {
      const place = at++
      return joined(met.map(copy => copy.payload[place] as Vector))
    })
    const isNullable = fromRight[i]?.column.nullable === true
    columns.set(
      column.column.name,
      metColumn(withVectors(column, vectors), isNullable, { bit, field: element }),
    )
  }
  return conform(
    session.step('holds'),
    {
      rows: left.rows * copies,
      valid: joined(validOf[node.join]()),
      columns,
      public: new Map(
        [...left.public].map(([name, { column, values }]) => [
          name,
          { column, values: Array.from({ length: copies }, () => values).flat() },
        ]),
      ),
    },
    node.holds,
  )
}

/** Columns of the right side as secrets in the domains in which the result holds them. */
const payloadOf = async (
  session: Session,
  right: Table,
  holds: JoinNode['holds'],
): Promise<readonly TableColumn[]> => {
  const own = holds.map(hold => {
    const { name } = hold.column
    const column = right.public.get(name)?.column ?? right.columns.get(name)?.column
    if (column === undefined) throw new Error(`join: neither side has ${name}`)
    return { ...hold, column: { ...column, visibility: 'secret' as const } }
  })
  const table = await conform(session.step('conform'), right, own)
  return Promise.all(
    [...table.columns.values()].map((column, i) =>
      column.field === undefined ? column : withIndicator(session.step(`indicator-${i}`), column),
    ),
  )
}
