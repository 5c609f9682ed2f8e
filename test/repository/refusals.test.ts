/** docs/operating/metrics-and-refusals.md has a row for every metric, rule and check of the code, and no other. */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { statusOf } from '../../functions/party/problem.ts'
import { Refusal } from '../../shared/base/errors.ts'
import { METRICS } from '../../shared/port/telemetry.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(resolve(root, 'docs/operating/metrics-and-refusals.md'), 'utf8')
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] as string
const rowsOf = (title: string): string[][] =>
  section(title)
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim().replaceAll('`', '')),
    )

/** Names that are put together: which ones there are is known here, and that the code puts them together. */
const PUT_TOGETHER: Readonly<Record<string, readonly string[]>> = {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: as they stand in the code
  '${kind}-other-run': ['ready-other-run', 'abort-other-run', 'done-other-run'],
  '${kind}-foreign': ['ready-foreign', 'abort-foreign', 'done-foreign'],
  '${opened.kind}-foreign': ['ready-foreign', 'abort-foreign', 'done-foreign'],
  '${kind}-request-unknown': ['approval-request-unknown', 'refusal-request-unknown'],
  '${kind}-request-ended': ['approval', 'refusal', 'offer', 'ready'].map(kind => `${kind}-request-ended`),
  'offer-other-${differs}': ['offer-other-plan', 'offer-other-disclosure', 'offer-other-cost'],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as they stand in the code
}

const NAMED =
  /(?:new (Refusal|Abort|VerificationFailed)|\b(refuse\w*|require(?:(?:Member|Party)Signed|Region))|\b(check):)(?:\(|(?<=check:))\s*(['`])([^'`\n]+)\4/g

const inCode = { rules: new Set<string>(), checks: new Set<string>() }
for (const file of globSync('{shared,functions,client}/**/*.ts', { cwd: root }))
  for (const [, thrown, , check, quote, text = ''] of readFileSync(resolve(root, file), 'utf8').matchAll(
    NAMED,
  )) {
    const isCheck = thrown === 'Abort' || check !== undefined
    const names = quote === '`' ? PUT_TOGETHER[text] : [text]
    if (quote === '`') expect(names, `${file} puts a name together that the test does not know`).toBeDefined()
    for (const name of names ?? [])
      if (/^[a-z]+(-[a-z]+)*$/.test(name)) (isCheck ? inCode.checks : inCode.rules).add(name)
  }

test('every metric, as the table in the code says it', () => {
  const expected = Object.entries(METRICS).map(([name, { unit, attributes, help }]) => [
    name,
    unit,
    attributes.join(', '),
    help.replaceAll('`', ''),
  ])
  expect(rowsOf('Metrics')).toEqual(expected)
})

test('every rule, and the status that a front answers', () => {
  const rows = rowsOf('Refusals')
  const documented = rows.map(([rule]) => rule as string)
  expect(new Set(documented).size).toBe(documented.length)
  const checks = new Set(rowsOf('Aborts').map(([check]) => check))
  expect([...inCode.rules].filter(rule => !documented.includes(rule) && !checks.has(rule)).sort()).toEqual([])
  expect(documented.filter(rule => !inCode.rules.has(rule)).sort()).toEqual([])
  for (const [rule, status] of rows)
    if (status !== '') expect([rule, Number(status)]).toEqual([rule, statusOf(new Refusal(rule!, ''))])
})

test('every check that stops a run', () => {
  const documented = rowsOf('Aborts').map(([check]) => check as string)
  expect(new Set(documented).size).toBe(documented.length)
  expect([...inCode.checks].filter(check => !documented.includes(check)).sort()).toEqual([])
  expect(documented.filter(check => !inCode.checks.has(check) && !inCode.rules.has(check)).sort()).toEqual([])
})

test('enough was found to mean something', () => {
  expect([inCode.rules.size > 100, inCode.checks.size > 25]).toEqual([true, true])
})
