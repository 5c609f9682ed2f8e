/** What the command line promises without any party: help, exit codes, JSON, and a check that lets nothing through. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dashedValuesLast } from '../../client/cli/program.ts'
import { reference } from '../../client/cli/reference.ts'
import { createKeys } from '../../client/sdk/keys.ts'
import { addCard, type Draft, parseCard, signManifest } from '../../client/sdk/manifest.ts'
import { createHome, writePublic } from '../../client/sdk/node/home.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import type { SignedDocument } from '../../shared/governance/sign.ts'
import { trias, triasJson } from './cli.ts'
import { SCHEMA } from './members.ts'

let folder: string
let server: Server
let home: string
/** Every request that reaches the stand-in for all three parties. */
const reached: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trias-test-'))
  server = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`)
    response.writeHead(503).end()
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  home = await memberHome()
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

const file = async (name: string, content: string | object): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** A member of a complete federation whose parties are all the stand-in server. */
const memberHome = async (): Promise<string> => {
  const keys = await Promise.all(['p0', 'p1', 'p2', 'ann'].map(createKeys))
  const publics = keys.map(({ signing, sealing }) => ({
    signingKey: toBase64url(signing.publicKey),
    sealingKey: toBase64url(sealing.publicKey),
  }))
  const { port } = server.address() as AddressInfo
  let draft: Draft = {
    kind: 'federation',
    name: 'test',
    version: 1,
    parties: [],
    members: [],
    purposes: ['testing'],
    policy: { minimumGroupSize: 2, approvalHoursMax: 24 },
    jurisdiction: {},
  }
  for (const index of [0, 1, 2] as const)
    draft = addCard(
      draft,
      parseCard(
        {
          kind: 'party-card',
          index,
          operator: `p${index}`,
          country: 'DE',
          parent: `p${index}`,
          parentCountry: 'DE',
          provider: 'onprem',
          region: 'this machine',
          endpoint: `http://127.0.0.1:${port}/${index}`,
          ...publics[index],
        },
        'test',
      ),
    )
  draft = addCard(
    draft,
    parseCard(
      { kind: 'member-card', name: 'ann', country: 'DE', roles: ['owner', 'recipient'], ...publics[3] },
      'test',
    ),
  )
  let manifest: Draft | SignedDocument = draft
  for (const { kid, signing } of keys)
    manifest = signManifest(manifest, { kid, secretKey: signing.secretKey })
  const home = join(folder, 'ann')
  await createHome(home, keys[3] as Awaited<ReturnType<typeof createKeys>>)
  await writePublic(join(home, 'federation.json'), JSON.stringify(manifest))
  return home
}

const VERBS = [
  'keygen',
  'federation init',
  'federation add',
  'federation sign',
  'federation show',
  'federation revise',
  'party start',
  'party status',
  'party pause',
  'party drain',
  'party export-secret',
  'party resume',
  'party rotate-keys',
  'dataset check',
  'dataset push',
  'dataset list',
  'dataset show',
  'request create',
  'request show',
  'request list',
  'approve',
  'refuse',
  'run',
  'result',
  'explain',
  'locality check',
  'locality verify',
  'log verify',
]

test('the help of every verb has examples, --json, --home and the exit codes', async () => {
  const helps = await Promise.all(VERBS.map(verb => trias([...verb.split(' '), '--help'])))
  for (const [i, { code, stdout, stderr }] of helps.entries()) {
    expect([VERBS[i], code, stderr]).toEqual([VERBS[i], 0, ''])
    expect(stdout).toContain('Examples:')
    expect(stdout).toMatch(new RegExp(`\\$ .*trias ${VERBS[i]}`))
    if (VERBS[i] !== 'party start') expect(stdout).toContain('--json')
    expect(stdout).toContain('--home')
    expect(stdout).toContain('7  verification failed')
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(130)
  }
})

test('the help of the command and its groups lists exactly these verbs', async () => {
  const listed = async (group: string[]): Promise<string[]> => {
    const { stdout } = await trias([...group, '--help'])
    const part = stdout.split('Commands:\n')[1]?.split('\n\n')[0] ?? ''
    return [...part.matchAll(/^ {2}([\w-]+)/gm)].map(([, name]) => [...group, name].join(' '))
  }
  const top = await listed([])
  const groups = top.filter(name => !VERBS.includes(name))
  const inGroups = await Promise.all(groups.map(name => listed([name])))
  expect([...top.filter(name => VERBS.includes(name)), ...inGroups.flat()].sort()).toEqual([...VERBS].sort())
})

test('`help` before a verb is `--help` after it', async () => {
  const [before, after] = await Promise.all([
    trias(['help', 'dataset', 'push']),
    trias(['dataset', 'push', '--help']),
  ])
  expect(before).toEqual(after)
})

test('the reference page is what the definitions say', async () => {
  const page = new URL('../../docs/reference/cli.md', import.meta.url)
  expect(await readFile(page, 'utf8'), 'npx node client/cli/reference.ts > docs/reference/cli.md').toBe(
    reference(),
  )
})

test.each([
  ['an unknown verb', ['dance'], 2],
  ['a missing option', ['keygen'], 2],
  [
    'options that exclude each other',
    ['dataset', 'check', '--schema', 'x', '--source', 'a', '--select', 'b'],
    2,
  ],
  ['padding that is no number', ['dataset', 'push', '--schema', 'x', '--source', 'a', '--pad', 'x'], 2],
  ['a yes that nobody can be asked for', ['approve', 'latest'], 2],
  ['a state directory that is not there', ['request', 'list', '--home', 'nowhere'], 3],
  ['a file that is not there', ['federation', 'show', 'nowhere.json'], 3],
])('%s', async (_, args, code) => {
  const plain = await trias(args)
  expect([plain.code, plain.stdout]).toEqual([code, ''])
  expect(plain.stderr).toMatch(/^error /)
  const asJson = await trias([...args, '--json'])
  expect([asJson.code, asJson.stdout]).toEqual([code, ''])
  expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code, message: expect.any(String) } })
})

test('a digest that begins with a dash is a value, not an option', () => {
  const moved = dashedValuesLast(['approve', '-Mw-8orQAY3m', '--yes', '--versions', '-o18AwhJ', '-h'])
  expect(moved).toEqual(['approve', '--yes', '--versions', '-o18AwhJ', '-h', '--', '-Mw-8orQAY3m'])
  expect(dashedValuesLast(['approve', '--yes', '--', '-Mw'])).toEqual(['approve', '--yes', '--', '-Mw'])
})

test('parties that do not answer end with 6', async () => {
  const { code, stderr } = await trias(['request', 'list', '--home', home])
  expect(code).toBe(6)
  expect(stderr).toContain('party 0')
  expect(reached.length).toBeGreaterThan(3)
})

test('bad rows are reported one by one, without their values, and nothing is uploaded', async () => {
  reached.length = 0
  const schema = await file('schema.json', SCHEMA)
  const bad = await file('bad.csv', 'country,amount,note\nDE,10.00,a\nIT,20.005,b\n,2000.00,c\nFR,,d\n')
  for (const verb of ['check', 'push']) {
    const { code, stderr } = await trias([
      'dataset',
      verb,
      '--schema',
      schema,
      '--source',
      bad,
      '--home',
      home,
      '--json',
    ])
    expect(code).toBe(3)
    const { details } = JSON.parse(stderr).error
    const places = details.map((line: string) => line.replace(/\. .*/, ''))
    expect(places).toEqual([
      'row 2, column country: unknown category',
      'row 3, column country: NULL in a column that is not nullable',
      expect.stringMatching(/^row 2, column amount: /),
      'row 3, column amount: out of range',
      'column note: extra column',
    ])
    // Places and reasons, never what a cell held.
    for (const value of ['IT', '20.005', '2000.00']) expect(stderr).not.toContain(value)
  }
  expect(reached).toEqual([])
})

test('a good source passes the check, from CSV and from a SELECT', async () => {
  const schema = await file('schema.json', SCHEMA)
  const good = await file('good.csv', 'country,amount\nDE,10.00\nFR,\n')
  expect(await triasJson(['dataset', 'check', '--schema', schema, '--source', good])).toMatchObject({
    ok: true,
    rows: 2,
  })
  const select = `SELECT upper(c) AS country, a::VARCHAR AS amount FROM (VALUES ('de', 1.5)) AS t(c, a)`
  expect(await triasJson(['dataset', 'check', '--schema', schema, '--select', select])).toMatchObject({
    rows: 1,
  })
})

test('explain works without a federation, and says where SQL is not supported', async () => {
  const schema = await file('schema.json', SCHEMA)
  const offline = ['--schema', schema, '--rows', '1000', '--k', '5']
  const sql = 'SELECT country, AVG(amount) FROM pay GROUP BY country'
  const plan = await triasJson(['explain', sql, ...offline])
  expect(plan).toMatchObject({ sql, planDigest: expect.any(String) })
  expect(plan.rounds).toBeGreaterThan(0)
  const { stdout } = await trias(['explain', sql, ...offline])
  expect(stdout).toContain('recipient learns')
  const slow = await triasJson(['explain', sql, ...offline, '--latency', '1000', '--analyze'])
  const seconds = (slow.estimate as { readonly wallSeconds: number }).wallSeconds
  expect(seconds).toBeGreaterThan(slow.rounds as number)
  expect(slow.analysis).toMatchObject({
    where: 'local',
    exact: true,
    total: { actual: { rounds: slow.rounds } },
  })
  const analyzed = await trias(['explain', sql, ...offline, '--analyze'])
  expect(analyzed.stdout).toContain('exactly what was announced')
  const drawing = join(folder, 'plan.svg')
  expect(await triasJson(['explain', sql, ...offline, '--graph', drawing])).toMatchObject({ graph: drawing })
  expect(await readFile(drawing, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s)
  const nowhere = await trias(['explain', sql, ...offline, '--graph', join(folder, 'no', 'plan.svg')])
  expect([nowhere.code, nowhere.stderr]).toEqual([3, expect.stringContaining('cannot write the drawing')])
  const both = await trias(['explain', sql, '--request', 'latest'])
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('exclude each other')])
  const bad = await trias(['explain', 'SELECT KURTOSIS(amount) FROM pay', ...offline])
  expect(bad.code).toBe(3)
  expect(bad.stderr).toContain('line 1, column 8')
})

test('two reports are compared in words, and a policy of the schema is asked about with numbers of owners and ε', async () => {
  const owned = await file('owned.json', { ...SCHEMA, policy: { minimumOwners: 2 } })
  const noisy = await file('noisy.json', { ...SCHEMA, policy: { privacyBudget: { epsilon: '2' } } })
  const before = join(folder, 'before.sql')
  await writeFile(before, 'SELECT COUNT(*) FROM pay')
  const sql = 'SELECT country, COUNT(*) FROM pay GROUP BY country'
  const over = (schema: string, ...rest: string[]) => [
    'explain',
    sql,
    '--schema',
    schema,
    '--rows',
    '1000',
    ...rest,
  ]
  const { diff } = await triasJson(over(owned, '--owners', '3', '--diff', before))
  expect(diff).toMatchObject({ more: expect.arrayContaining(['recipient: for each shown group: country']) })
  const unsaid = await trias(over(owned))
  expect([unsaid.code, unsaid.stderr]).toEqual([3, expect.stringContaining('Give --owners')])
  const exact = await trias(over(noisy))
  expect([exact.code, exact.stderr]).toEqual([4, expect.stringContaining('policy-privacy')])
  const bad = await trias(over(noisy, '--epsilon', '0,5'))
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('from 0.001 to 1000')])
})

test('a log from a file: holds, or names the entry that does not', async () => {
  const { EMPTY_LOG, nextEntry, stateAfter } = await import('../../shared/audit/log.ts')
  let state = EMPTY_LOG
  const entries = Array.from({ length: 5 }, (_, i) => {
    const time = `2026-11-24T08:00:0${i}Z`
    const entry = nextEntry(state, { time, event: 'document-accepted', subject: `s${i}`, detail: {} })
    state = stateAfter(entry)
    return entry
  })
  const whole = await file('log.json', entries)
  expect(await triasJson(['log', 'verify', '--file', whole])).toMatchObject({
    logs: [{ entries: 5, head: state.head }],
  })
  const altered = await file(
    'altered.json',
    entries.map(entry => (entry.seq === 3 ? { ...entry, subject: 'x' } : entry)),
  )
  const { code, stderr } = await trias(['log', 'verify', '--file', altered])
  expect(code).toBe(7)
  expect(stderr).toContain('entry 4')
})

test('the network that plans are chosen by stands in the manifest, whole or not at all', async () => {
  const init = (name: string, ...options: string[]) =>
    trias(['federation', 'init', join(folder, name), '--name', 'test', '--purpose', 'testing', ...options])
  expect((await init('network.json', '--latency', '35', '--bandwidth', '12.5')).code).toBe(0)
  expect(JSON.parse(await readFile(join(folder, 'network.json'), 'utf8'))).toMatchObject({
    policy: { network: { latencyMs: 35, bytesPerSecond: 12_500_000 } },
  })
  const half = await init('half.json', '--latency', '35')
  expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('go together')])
  expect((await init('odd.json', '--latency', '-1', '--bandwidth', '10')).code).toBe(3)
})
