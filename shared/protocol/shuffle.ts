/**
 * Shuffle: the rows of several vectors in an order that no party knows, uniform among all orders.
 *
 * π_j is drawn from k_j, so parties j - 1 and j know it. Rows go through three of them in turn; no party knows all three.
 * For keys f, s, t (first, second, third), A the holder of k_f and k_s, B of k_f and k_t, C of k_s and k_t, Z masks from
 * the key named, and everything written as for one column (in GF(2) for bits):
 *
 *     round 1: A sends X = π_s(π_f(x_f + x_s + Z_f)) + Z_s to B, which lacks k_s;
 *              B sends Y = π_f(x_t - Z_f) to C, which lacks k_f
 *     local:   B has X' = π_t(X), C has Y' = π_t(π_s(Y) - Z_s), and X' + Y' = π_t π_s π_f (x)
 *     round 2: y_f = F(k_f) and y_s = F(k_s) are fresh; B sends X' - y_f to C and C sends Y' - y_s to B, which lack these
 *              keys; y_t is the sum of both
 *
 * Araki et al. 2021 (CCS, section 5.2; reference 2.4), with one deviation: the mask of the third key is left out, since
 * whoever receives in round 2 lacks the key of a fresh share. Masks are fresh for every column, the permutations are
 * common to the row. To undo a shuffle, the same permutations are inverted and taken in reverse.
 *
 * Secret: everything, the order as well. Public: the shapes. Two rounds; for rows of w bytes B sends 2w, A and C send w.
 *
 * Semi-honest: a party may alter the rows that it passes on. In verified mode a row will carry a secret tag.
 */
import { bits } from '../bits/bits.ts'
import { field } from '../field/field.ts'
import { type WordSource, wordsForBits } from '../kernel/kernel.ts'
import { bytesFor, type Shape } from '../session/encoding.ts'
import type { Exchange, Received, Session, Vector } from '../session/session.ts'
import { nextOf, PARTIES, type PartyIndex, previousOf } from '../sharing/shared.ts'
import type { Cost } from './cost.ts'
import {
  addVectors,
  type Column,
  columnsOf,
  permuteVectors,
  rowsOf,
  shapeOf,
  subtractVectors,
} from './rows.ts'

/** What a party knows of the order of a shuffle: π_i and π_{i+1}. */
export interface ShuffleOrder {
  /** Party A of the shuffle: the others send after it. */
  readonly lead: PartyIndex
  readonly own: Uint32Array
  readonly next: Uint32Array
}

export interface Shuffled<C extends Column> {
  readonly columns: C[]
  readonly order: ShuffleOrder
}

/** Keys in the order in which their permutations are applied. */
interface Route {
  readonly first: PartyIndex
  readonly second: PartyIndex
  readonly third: PartyIndex
}
const routeFrom = (lead: PartyIndex): Route => ({
  first: nextOf(lead),
  second: lead,
  third: previousOf(lead),
})
const backwards = ({ first, second, third }: Route): Route => ({ first: third, second, third: first })

/** The party that holds both keys. */
const holderOf = (j: PartyIndex, k: PartyIndex): PartyIndex => (nextOf(j) === k ? j : k)
const rolesOf = ({ first, second, third }: Route) => ({
  a: holderOf(first, second),
  b: holderOf(first, third),
  c: holderOf(second, third),
})

const routeCost = (route: Route, shapes: readonly Shape[]): Cost => {
  const bytes = shapes.reduce((sum, shape) => sum + bytesFor(shape), 0)
  const { b } = rolesOf(route)
  const [p0, p1, p2] = PARTIES.map(party => (party === b ? 2 * bytes : bytes)) as [number, number, number]
  return { rounds: 2, bytesPerParty: [p0, p1, p2] }
}

export const shuffleCost = (shapes: readonly Shape[], lead: PartyIndex = 0): Cost =>
  routeCost(routeFrom(lead), shapes)
export const unshuffleCost = (shapes: readonly Shape[], lead: PartyIndex = 0): Cost =>
  routeCost(backwards(routeFrom(lead)), shapes)

const wordsOf = ({ domain, length }: Shape): number => (domain === 'field' ? length : wordsForBits(length))

const permuteInTurn = async (
  session: Session,
  columns: readonly Column[],
  route: Route,
  order: Omit<ShuffleOrder, 'lead'>,
): Promise<Column[]> => {
  const { kernel, party } = session
  const shapes = columns.map(shapeOf)
  const { first, second, third } = route
  const { a, b, c } = rolesOf(route)

  const words = shapes.reduce((sum, shape) => sum + wordsOf(shape), 0)
  const masks = session.masks('mask', words)
  const freshShares = session.masks('fresh', words)
  const isOwn = (key: PartyIndex): boolean => key === party
  const draw = (streams: { own: WordSource; next: WordSource }, key: PartyIndex): Vector[] => {
    const source = isOwn(key) ? streams.own : streams.next
    return shapes.map(({ domain, length }) =>
      domain === 'field'
        ? field(kernel.fieldFromRandom(source, length), length)
        : bits(kernel.bitsFromRandom(source, length), length),
    )
  }
  const share = (key: PartyIndex): Vector[] => columns.map(column => (isOwn(key) ? column.own : column.next))
  const permute = (vectors: readonly Vector[], key: PartyIndex): Vector[] =>
    permuteVectors(kernel, vectors, isOwn(key) ? order.own : order.next)

  const to = (receiver: PartyIndex, vectors: readonly Vector[]): Exchange =>
    receiver === nextOf(party) ? { toNext: vectors } : { toPrevious: vectors }
  const from = (sender: PartyIndex): Exchange =>
    sender === nextOf(party) ? { fromNext: shapes } : { fromPrevious: shapes }
  const arrived = ({ fromNext, fromPrevious }: Received): readonly Vector[] =>
    fromNext.length > 0 ? fromNext : fromPrevious
  const described = shapes.map(({ domain, length }) => `${domain} ${length}`).join()

  const halves = session.step('halves')
  const halvesShape = { shape: `${a} to ${b}, ${b} to ${c}: ${described}` }
  const shares = session.step('shares')
  const sharesShape = { shape: `${b} and ${c} to each other: ${described}` }

  if (party === a) {
    const half = addVectors(kernel, addVectors(kernel, share(first), share(second)), draw(masks, first))
    const both = isOwn(first) ? kernel.compose(order.own, order.next) : kernel.compose(order.next, order.own)
    const x = addVectors(kernel, permuteVectors(kernel, half, both), draw(masks, second))
    await halves.exchange({ ...halvesShape, ...to(b, x) })
    await shares.exchange(sharesShape)
    const [ofFirst, ofSecond] = [draw(freshShares, first), draw(freshShares, second)]
    return isOwn(first) ? columnsOf(ofFirst, ofSecond) : columnsOf(ofSecond, ofFirst)
  }
  const isB = party === b
  const known = isB ? first : second
  let half: Vector[]
  if (isB) {
    const y = permute(subtractVectors(kernel, share(third), draw(masks, first)), first)
    half = [...arrived(await halves.exchange({ ...halvesShape, ...to(c, y), ...from(a) }))]
  } else {
    const y = arrived(await halves.exchange({ ...halvesShape, ...from(b) }))
    half = subtractVectors(kernel, permute(y, second), draw(masks, second))
  }
  const fresh = draw(freshShares, known)
  const rest = subtractVectors(kernel, permute(half, third), fresh)
  const other = isB ? c : b
  const received = arrived(await shares.exchange({ ...sharesShape, ...to(other, rest), ...from(other) }))
  const sum = addVectors(kernel, rest, received)
  return isOwn(known) ? columnsOf(fresh, sum) : columnsOf(sum, fresh)
}

/** `lead` says who sends what; turning it evens out what the parties send in several shuffles. */
export const shuffle = async <C extends Column>(
  session: Session,
  columns: readonly C[],
  lead: PartyIndex = 0,
): Promise<Shuffled<C>> => {
  const length = rowsOf(columns)
  const streams = session.masks('permutation', length)
  const order = {
    own: session.kernel.permutation(streams.own, length),
    next: session.kernel.permutation(streams.next, length),
  }
  const moved = await permuteInTurn(session, columns, routeFrom(lead), order)
  return { columns: moved as C[], order: { lead, ...order } }
}

/** Brings rows of the same number back from the order of a shuffle. */
export const unshuffle = async <C extends Column>(
  session: Session,
  columns: readonly C[],
  { lead, own, next }: ShuffleOrder,
): Promise<C[]> => {
  const { kernel } = session
  rowsOf(columns)
  const inverse = { own: kernel.invert(own), next: kernel.invert(next) }
  return (await permuteInTurn(session, columns, backwards(routeFrom(lead)), inverse)) as C[]
}
