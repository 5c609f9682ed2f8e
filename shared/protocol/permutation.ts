/**
 * Permutations that no party knows: element i is the position to which row i goes, a sharing in F_p of 0 … n - 1 in some
 * order.
 *
 * To use one, it is shuffled with the rows and then opened: what is opened is the permutation behind a fresh shuffle,
 * which is uniformly random and independent of everything, so it tells nothing; each row is then put where its opened
 * position says, by everybody. Hamada et al. 2014 (ePrint 2014/121), Chida et al. 2019 (2019/695), reference 2.5.
 *
 * The opened positions are proved like everything else that is opened, and must be a permutation, or the run aborts.
 * Secret: rows and order. Public: the number of rows and one uniform permutation. Apply: 3 rounds; undo: 5.
 */
import { Abort } from '../base/errors.ts'
import type { Words } from '../kernel/kernel.ts'
import type { Shape } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import { type PartyIndex, type SharedField, shareOfField } from '../sharing/shared.ts'
import { type Cost, inSequence } from './cost.ts'
import { open, openCost } from './open.ts'
import { type Column, permuteColumns, rowNumbers } from './rows.ts'
import { shuffle, shuffleCost, unshuffle, unshuffleCost } from './shuffle.ts'

const positionsShape = (length: number): Shape => ({ domain: 'field', length })

/** Opened words as a permutation. */
export const openedPermutation = (session: Session, words: Words): Uint32Array => {
  const permutation = session.kernel.permutationOf(words)
  if (permutation === undefined)
    throw new Abort('not-a-permutation', 'opened positions do not name every row once', {
      where: session.address,
    })
  return permutation
}

export const applyPermutationCost = (shapes: readonly Shape[], length: number, lead?: PartyIndex): Cost =>
  inSequence(shuffleCost([positionsShape(length), ...shapes], lead), openCost(positionsShape(length)))

export interface Moved<C extends Column> {
  readonly columns: C[]
  /** Brings rows of the new order back to the old one: two rounds, nothing is opened. Cost: `unshuffleCost`. */
  moveBack<D extends Column>(session: Session, columns: readonly D[]): Promise<D[]>
}

/** Row i of the columns goes to row `position[i]`, and may come back. */
export const moveRows = async <C extends Column>(
  session: Session,
  position: SharedField,
  columns: readonly C[],
  lead?: PartyIndex,
): Promise<Moved<C>> => {
  const shuffled = await shuffle<Column>(session.step('shuffle'), [position, ...columns], lead)
  const [positions, ...rows] = shuffled.columns as [SharedField, ...C[]]
  const opened = await open(session.step('open'), positions)
  const { kernel } = session
  const permutation = openedPermutation(session, opened.words)
  return {
    columns: permuteColumns(kernel, rows, kernel.invert(permutation)),
    moveBack: (later, moved) => unshuffle(later, permuteColumns(kernel, moved, permutation), shuffled.order),
  }
}

/** Row i of the columns goes to row `position[i]`. */
export const applyPermutation = async <C extends Column>(
  session: Session,
  position: SharedField,
  columns: readonly C[],
  lead?: PartyIndex,
): Promise<C[]> => (await moveRows(session, position, columns, lead)).columns

export const undoPermutationCost = (shapes: readonly Shape[], length: number, lead?: PartyIndex): Cost =>
  inSequence(
    shuffleCost([positionsShape(length)], lead),
    openCost(positionsShape(length)),
    unshuffleCost(shapes, lead),
  )

/** The inverse: row `position[i]` of the columns goes to row i. */
export const undoPermutation = async <C extends Column>(
  session: Session,
  position: SharedField,
  columns: readonly C[],
  lead?: PartyIndex,
): Promise<C[]> => {
  const { columns: shuffled, order } = await shuffle(session.step('shuffle'), [position], lead)
  const opened = await open(session.step('open'), shuffled[0] as SharedField)
  const rows = permuteColumns(session.kernel, columns, openedPermutation(session, opened.words))
  return unshuffle(session.step('unshuffle'), rows, order)
}

export const composePermutationsCost = (length: number): Cost =>
  undoPermutationCost([positionsShape(length)], length)

/** Where `second` puts the row that `first` has moved: element i is second[first[i]]. */
export const composePermutations = async (
  session: Session,
  first: SharedField,
  second: SharedField,
): Promise<SharedField> => (await undoPermutation(session, first, [second]))[0] as SharedField

export const invertPermutationCost = (length: number): Cost =>
  applyPermutationCost([positionsShape(length)], length)

/** Element `position[i]` is i. */
export const invertPermutation = async (session: Session, position: SharedField): Promise<SharedField> => {
  const { kernel, party } = session
  const numbers = shareOfField(kernel, party, rowNumbers(kernel, position.own.length))
  return (await applyPermutation(session, position, [numbers]))[0] as SharedField
}
