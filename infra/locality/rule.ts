/**
 * What a rule is, and how a table of them is applied. A rule looks at places and says of each whether it holds, so that a
 * report can tell "held at nine places" from "there was nothing to look at".
 *
 * Rules stand in their table from the most specific to the most general. A place that one rule objects to, with all that is
 * below it, is left out by the rules after it: one violation is one finding, under the name that says most about it.
 */
import type { Finding } from './finding.ts'

export type Path = readonly (string | number)[]

export interface Sighting {
  readonly path: Path
  readonly holds: boolean
  readonly found: string
  /** When it is more than the rule says for all places. */
  readonly expected?: string
}

export interface Rule<Subject> {
  readonly id: string
  /** What follows for the data when the rule holds. */
  readonly proves: string
  readonly expected: string
  /** The provision it serves, in our own words. */
  readonly law: string
  readonly look: (subject: Subject) => Iterable<Sighting>
}

/** A rule without its function: what a report and the documentation say about it. */
export type RuleText = Pick<Rule<unknown>, 'id' | 'proves' | 'expected' | 'law'>

export interface Examination {
  readonly findings: readonly Finding[]
  /** Rule id to the number of places that it looked at. */
  readonly looked: ReadonlyMap<string, number>
}

const startsWith = (path: Path, start: Path): boolean => start.every((step, at) => path[at] === step)

export const examine = <Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  nameOf: (path: Path) => string,
  file?: string,
): Examination => {
  const objected: Path[] = []
  const findings: Finding[] = []
  const looked = new Map<string, number>()
  for (const rule of rules) {
    const own: Path[] = []
    let count = 0
    for (const { path, holds, found, expected } of rule.look(subject)) {
      if ([...objected, ...own].some(earlier => startsWith(path, earlier))) continue
      count++
      if (holds) continue
      own.push(path)
      findings.push({
        rule: rule.id,
        resource: nameOf(path),
        expected: expected ?? rule.expected,
        found,
        ...(file === undefined ? {} : { file }),
      })
    }
    looked.set(rule.id, count)
    objected.push(...own)
  }
  return { findings, looked }
}

/** Several examinations as one. */
export const together = (parts: readonly Examination[]): Examination => {
  const looked = new Map<string, number>()
  for (const part of parts)
    for (const [rule, count] of part.looked) looked.set(rule, (looked.get(rule) ?? 0) + count)
  return { findings: parts.flatMap(part => part.findings), looked }
}
