/**
 * What one report says beside another over the same data, and whether the two together may say more than each alone.
 * Two totals of one kind over nearly the same rows differ by the rows in which they differ, and those may be fewer than
 * the minimum group size; neither report shows that by itself.
 *
 * Sound in one direction: of two reports over common data, a pair that is not named here shows no total of the same kind
 * over two different sets of rows. It may name pairs that are harmless; only plaintext would tell.
 */
import { type CompiledQuery, type PhysicalPlan, revealedBy } from './plan.ts'

/** One thing that differs, as a sentence. */
export type Difference = string

const PARTS: readonly (readonly [word: string, name: string])[] = [
  ['filter', 'the rows'],
  ['compute', 'computed columns'],
  ['window', 'windows'],
  ['aggregate', 'groups and totals'],
  ['having', 'the condition on groups'],
  ['project', 'what is shown'],
  ['order', 'the order'],
  ['limit', 'how many are shown'],
]

const linesOf = ({ logical }: CompiledQuery, word: string): readonly string[] =>
  logical.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1))

/** Everything that is read: the lines of the source, innermost blocks included. */
const sourceOf = ({ logical }: CompiledQuery): readonly string[] =>
  logical.filter(line => line.startsWith(' ') || /^(scan|derived|union|\w+ join)/.test(line))

/** How `after` differs from `before`, in plain words; empty when they ask the same. */
export const differencesBetween = (before: CompiledQuery, after: CompiledQuery): readonly Difference[] => {
  const said = (lines: readonly string[], none: string): string =>
    lines.length === 0 ? none : lines.join('; ')
  const differing = (name: string, was: readonly string[], is: readonly string[]): readonly Difference[] =>
    was.join('\n') === is.join('\n')
      ? []
      : [`${name}: ${said(is, 'all, without a condition')}; before: ${said(was, 'all, without a condition')}`]
  const sizes = [before, after].map(({ plan }) => plan.minimumGroupSize) as [number, number]
  return [
    ...differing('what is read', sourceOf(before), sourceOf(after)),
    ...PARTS.flatMap(([word, name]) => differing(name, linesOf(before, word), linesOf(after, word))),
    ...(sizes[0] === sizes[1] ? [] : [`minimum group size: ${sizes[1]}; before: ${sizes[0]}`]),
  ]
}

/** What is shown of groups of rows: names of totals, and of the count that every group has. */
const totalsOf = (plan: PhysicalPlan): ReadonlySet<string> =>
  new Set(
    revealedBy(plan)
      .filter(({ kind }) => kind === 'total')
      .map(({ slot }) => slot),
  )

/**
 * Totals that both reports show, over rows or groups that are not the same; empty where the two can be shown beside each
 * other. `commonData`: whether any data version, or two versions of one owner's table, are read by both.
 */
export const sharedTotals = (
  before: CompiledQuery,
  after: CompiledQuery,
  commonData: boolean,
): readonly string[] => {
  if (!commonData) return []
  const isSameRows =
    linesOf(before, 'filter').join() === linesOf(after, 'filter').join() &&
    sourceOf(before).join() === sourceOf(after).join()
  const isSameGroups =
    before.plan.form === after.plan.form &&
    JSON.stringify(before.plan.keys) === JSON.stringify(after.plan.keys) &&
    linesOf(before, 'compute').join() === linesOf(after, 'compute').join()
  const isSameGuard = before.plan.minimumGroupSize === after.plan.minimumGroupSize
  if (isSameRows && isSameGroups && isSameGuard) return []
  const earlier = totalsOf(before.plan)
  return [...totalsOf(after.plan)].filter(name => earlier.has(name))
}
