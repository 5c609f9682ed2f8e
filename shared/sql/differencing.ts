/**
 * What one report says beside another over the same data, and whether the two together may say more than each alone.
 * Two totals of one kind over nearly the same rows differ by the rows in which they differ, and those may be fewer than
 * the minimum group size; neither report shows that by itself.
 *
 * Sound in one direction: of two reports over common data, a pair that is not named here shows no total of the same kind
 * over two different sets of rows. It may name pairs that are harmless; only plaintext would tell.
 */
import { type CompiledQuery, keyNamesOf, type PhysicalPlan, revealedBy } from './plan.ts'

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

// ── margins ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One report's groups are unions of the other's: together they are a table with its margins. */
export interface Margin {
  /** Which of the two shows the unions. */
  readonly of: 'before' | 'after'
  /** What the unions are named by; none where it is one total of everything. */
  readonly keys: readonly string[]
  /** Sums and counts that both show, so that a margin less the shown cells is the sum of those that are not. */
  readonly totals: readonly string[]
}

const ADDITIVE = /^(SUM|COUNT)\((?!DISTINCT )/

/**
 * Whether a suppressed cell of one report follows from the other, which shows its margin: exactly, and not perhaps. Both
 * have to be over the same rows of the same data; otherwise `sharedTotals` names the pair. null where neither is a margin.
 */
export const marginOf = (before: CompiledQuery, after: CompiledQuery): Margin | null => {
  const isSame = (...words: readonly string[]): boolean =>
    words.every(word => linesOf(before, word).join() === linesOf(after, word).join())
  if (!isSame('filter') || sourceOf(before).join() !== sourceOf(after).join()) return null
  const isGrouped = ({ logical }: CompiledQuery): boolean =>
    logical.some(line => line.startsWith('aggregate '))
  if (!isGrouped(before) || !isGrouped(after)) return null
  // Noisy totals do not add up.
  const isNoisy = ({ plan }: CompiledQuery): boolean =>
    plan.perCell.some(({ operator }) => operator === 'noise')
  if (isNoisy(before) || isNoisy(after)) return null
  const [was, is] = [new Set(keyNamesOf(before.plan)), new Set(keyNamesOf(after.plan))]
  if (was.size === is.size) return null
  const [coarse, fine] = was.size < is.size ? [was, is] : [is, was]
  if ([...coarse].some(name => !fine.has(name))) return null
  // A computed column may have one name and two meanings.
  const columns = new Set(before.plan.tables.flatMap(table => table.columns.map(({ name }) => name)))
  if (!isSame('compute') && [...coarse].some(name => !columns.has(name.slice(name.lastIndexOf('.') + 1))))
    return null
  const earlier = totalsOf(before.plan)
  const totals = [...totalsOf(after.plan)].filter(name => ADDITIVE.test(name) && earlier.has(name))
  return totals.length === 0
    ? null
    : { of: was.size < is.size ? 'before' : 'after', keys: [...coarse], totals }
}

// ── for people ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ReportDiff {
  /** What is asked differently. */
  readonly differences: readonly Difference[]
  /** Lines of the disclosure that only the second has, or only the first. */
  readonly more: readonly string[]
  readonly less: readonly string[]
  /** What the two say together, over common data. */
  readonly together: readonly string[]
}

const linesOfDisclosure = ({ disclosure }: CompiledQuery): readonly string[] => [
  ...disclosure.recipientLearns.map(line => `recipient: ${line}`),
  ...disclosure.partiesLearn.map(line => `every party: ${line}`),
  ...disclosure.notes.map(line => `note: ${line}`),
]

/** What a margin beside its cells tells, as a sentence. */
export const marginInWords = ({ of, keys, totals }: Margin, names: Record<Margin['of'], string>): string =>
  `${names[of]} shows ${totals.join(', ')} of ${keys.length === 0 ? 'all rows together' : `each ${keys.join(', ')}`}, and ${
    names[of === 'before' ? 'after' : 'before']
  } shows parts of the same: a part that is not shown follows from the others wherever it is the only one.`

export const diffOf = (before: CompiledQuery, after: CompiledQuery): ReportDiff => {
  const [was, is] = [linesOfDisclosure(before), linesOfDisclosure(after)]
  const margin = marginOf(before, after)
  const shared = sharedTotals(before, after, true)
  return {
    differences: differencesBetween(before, after),
    more: is.filter(line => !was.includes(line)),
    less: was.filter(line => !is.includes(line)),
    together: [
      ...(margin === null ? [] : [marginInWords(margin, { before: 'the first', after: 'the second' })]),
      ...(shared.length === 0
        ? []
        : [
            `Both show ${shared.join(', ')}, of other rows or groups: the difference of the two may be about fewer rows than the minimum group size.`,
          ]),
    ],
  }
}

export const renderDiff = ({ differences, more, less, together }: ReportDiff): string => {
  const part = (title: string, lines: readonly string[], none: string): readonly string[] => [
    title,
    ...(lines.length === 0 ? [`  ${none}`] : lines.map(line => `  - ${line}`)),
  ]
  return [
    ...part('what is asked differently', differences, 'nothing: the two ask the same'),
    ...part('what is disclosed in addition', more, 'nothing'),
    ...part('what is no longer disclosed', less, 'nothing'),
    ...part('what the two say together, over common data', together, 'no more than each by itself'),
  ].join('\n')
}
