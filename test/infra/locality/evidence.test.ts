/** The verbs over a small directory: exit codes, evidence that holds, evidence that was touched, and the documentation. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ruleTables } from '../../../infra/locality/reference.ts'
import { trias, triasJson } from '../../client/cli.ts'

const root = resolve(import.meta.dirname, '../../..')
const env = { TRIAS_PASSPHRASE: 'correct horse battery staple' }
let directory: string
const path = (...names: readonly string[]): string => join(directory, ...names)

const compose = (image: string) => `services:
  party:
    image: ${image}
    read_only: true
    user: "10001"
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
`
const write = (name: string, text: string): void => {
  mkdirSync(path(name, '..'), { recursive: true })
  writeFileSync(path(name), text)
}
const check = ['locality', 'check', '--provider', 'onprem', '--country', 'FI']

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'trias-evidence-'))
  write('good/compose.yaml', compose(`internal/trias@sha256:${'0'.repeat(64)}`))
  write('bad/compose.yaml', compose('internal/trias:latest'))
  write('unknown/main.tf', 'resource "x" "y" {}')
  write('broken/compose.yaml', 'services: [')
  write('templates/chart.yaml', 'image: {{ .Values.image }}')
  for (const name of ['party', 'other'])
    await triasJson(
      ['keygen', '--party', '0', '--name', 'Nordwind Oy', '--country', 'FI', '--home', path(name)],
      env,
    )
})
afterAll(() => rmSync(directory, { recursive: true }))

test('a directory that keeps to its home ends with 0, one that does not with 4 and every finding', async () => {
  expect(await triasJson([...check, path('good')])).toMatchObject({
    findings: [],
    files: [{ path: 'compose.yaml', format: 'compose' }],
  })
  const bad = await trias([...check, path('bad'), '--json'])
  expect(bad.code).toBe(4)
  expect(JSON.parse(bad.stdout)).toMatchObject({
    findings: [{ rule: 'ONP-IMAGE', resource: 'services.party.image', found: 'internal/trias:latest' }],
  })
  // `check` is the verb when none is named.
  const short = await trias(['locality', path('bad'), '--provider', 'onprem', '--country', 'FI'])
  expect(short.code).toBe(4)
  expect(short.stdout).toContain('ONP-IMAGE')
})

test.each(['unknown', 'broken', 'templates'])('a file that cannot be told is a finding: %s', async name => {
  const { code, stdout } = await trias([...check, path(name), '--json'])
  expect(code).toBe(4)
  expect(JSON.parse(stdout).findings.map((finding: { rule: string }) => finding.rule)).toEqual([
    'DIR-UNKNOWN',
    'DIR-EMPTY',
  ])
})

test.each([
  ['no region', ['locality', '.', '--provider', 'aws'], 2],
  ['no country', ['locality', '.', '--provider', 'onprem'], 2],
  ['another provider', ['locality', '.', '--provider', 'x'], 2],
  ['evidence without a key', [...check, '.', '--evidence', 'x'], 2],
  ['nothing to look at', [...check], 2],
  ['no such directory', [...check, 'no-such-directory'], 3],
])('wrong usage: %s', async (_, line, code) => {
  expect((await trias(line)).code).toBe(code)
})

test('evidence names home, files and verdicts, and holds under the key of its party alone', async () => {
  const evidence = path('evidence.json')
  const key = path('party', 'party.key.json')
  const made = await triasJson([...check, path('good'), '--evidence', evidence, '--key', key], env)
  const verify = ['locality', 'verify', evidence, '--card', path('party', 'party-card.json')]
  expect(await triasJson([...verify, '--dir', path('good')])).toMatchObject({
    source: 'files',
    files: 1,
    findings: [],
    signedBy: (made.evidence as { keyId: string }).keyId,
    home: { provider: 'onprem', country: 'FI', eea: true },
  })
  const jws = JSON.parse(readFileSync(evidence, 'utf8'))
  const payload = JSON.parse(Buffer.from(jws.payload, 'base64url').toString())
  expect(payload).toMatchObject({ kind: 'locality-evidence', tool: { name: 'trias' } })
  expect(payload.rules.find((rule: { id: string }) => rule.id === 'ONP-IMAGE')).toMatchObject({
    verdict: 'holds',
    looked: 1,
  })

  // Another party's card, another file in its place, and a payload that was touched.
  expect(
    (await trias(['locality', 'verify', evidence, '--card', path('other', 'party-card.json')])).code,
  ).toBe(4)
  expect((await trias([...verify, '--dir', path('bad')])).code).toBe(7)
  payload.findings = [{ rule: 'X', resource: '', expected: '', found: '' }]
  writeFileSync(
    evidence,
    JSON.stringify({ ...jws, payload: Buffer.from(JSON.stringify(payload)).toString('base64url') }),
  )
  expect((await trias(verify)).code).toBe(4)
})

test('the tables in the documentation are those of the code', () => {
  const page = readFileSync(join(root, 'docs/operating/locality.md'), 'utf8')
  expect(page.slice(page.indexOf('### Any directory'))).toBe(ruleTables())
})
