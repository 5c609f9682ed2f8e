/** A whole federation from the command line alone: six state directories, three party processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSource } from '../../client/sdk/node/source.ts'
import { freePort } from '../support/free-port.ts'
import { trias, triasJson } from './cli.ts'

const ENTRY = fileURLToPath(new URL('../../client/cli/main.ts', import.meta.url))
const SECRET = { TRIAS_PASSPHRASE: 'of a party' }

let folder: string
const children: ChildProcess[] = []
const at = (...names: string[]): string => join(folder, ...names)

const startParty = async (party: number): Promise<void> => {
  const child = spawn(process.execPath, [ENTRY, 'party', 'start', '--home', at(`party-${party}`)], {
    env: { ...process.env, ...SECRET },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data')
  expect(JSON.parse(String(line))).toMatchObject({ ready: true, party })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trias-test-'))
  await Promise.all([
    ...[0, 1, 2].map(async party =>
      triasJson(
        ['keygen', '--party', `${party}`, '--name', `operator ${party}`, '--country', 'DE'].concat([
          '--listen',
          `127.0.0.1:${await freePort()}`,
          '--home',
          at(`party-${party}`),
        ]),
        SECRET,
      ),
    ),
    ...['ann', 'bob'].map(name =>
      triasJson(['keygen', '--name', name, '--country', 'FR', '--home', at(name)]),
    ),
    triasJson(['keygen', '--name', 'rita', '--country', 'NL', '--role', 'recipient', '--home', at('rita')]),
  ])
  const manifest = at('federation.json')
  await triasJson(['federation', 'init', manifest, '--name', 'test', '--purpose', 'testing', '--k', '2'])
  const cards = [0, 1, 2].map(party => at(`party-${party}`, 'party-card.json'))
  cards.push(...['ann', 'bob', 'rita'].map(name => at(name, 'card.json')))
  await triasJson(['federation', 'add', manifest, ...cards])
  await Promise.all([0, 1, 2].map(startParty))
  for (const party of [0, 1, 2])
    await triasJson(
      ['federation', 'sign', manifest, '--party-key', at(`party-${party}`, 'party.key.json')],
      SECRET,
    )
  // Ann signs the file itself, Bob a copy; the two are put together.
  await writeFile(at('copy.json'), await readFile(manifest))
  const [, signed] = await Promise.all([
    triasJson(['federation', 'sign', manifest, '--home', at('ann')]),
    triasJson(['federation', 'sign', at('copy.json'), '--home', at('bob')]),
  ])
  expect(signed).toMatchObject({ missing: ['ann'] })
  const sent = await triasJson([
    'federation',
    'sign',
    manifest,
    '--merge',
    at('copy.json'),
    '--send',
    '--home',
    at('ann'),
  ])
  expect(sent).toMatchObject({ missing: [], sent: true })
  await Promise.all(
    ['bob', 'rita'].map(name => triasJson(['federation', 'show', manifest, '--use', '--home', at(name)])),
  )
  await writeFile(
    at('schema.json'),
    JSON.stringify({
      table: 'pay',
      columns: [
        {
          name: 'country',
          type: { kind: 'category', values: ['DE', 'FR'] },
          nullable: false,
          visibility: 'secret',
          uses: ['group'],
        },
        {
          name: 'amount',
          type: { kind: 'decimal', scale: 2, min: '0.00', max: '100.00' },
          nullable: false,
          visibility: 'secret',
          uses: ['aggregate'],
        },
      ],
    }),
  )
  await writeFile(at('ann.csv'), 'country,amount\nDE,10.00\nDE,0.01\nFR,3.00\n')
  await writeFile(at('bob.csv'), 'country,amount\nDE,99.99\nFR,1.50\n')
  for (const name of ['ann', 'bob']) {
    const source = ['--schema', at('schema.json'), '--source', at(`${name}.csv`)]
    // Padding changes what the parties are told, and nothing in the result.
    const padded = name === 'bob' ? ['--pad', '16'] : []
    await triasJson(['dataset', 'push', ...source, ...padded, '--home', at(name)])
  }
})

afterAll(async () => {
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map(child => child.exitCode ?? once(child, 'exit')))
  expect(children.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
  await rm(folder, { recursive: true })
})

const SQL = 'SELECT country, COUNT(*) AS n, SUM(amount) AS total FROM pay GROUP BY country ORDER BY country'

test('asked, watched, approved by both, opened by the recipient in every form', async () => {
  const rita = ['--home', at('rita')]
  const watching = trias([
    'run',
    '--sql',
    SQL,
    '--purpose',
    'testing',
    '--watch',
    '--timeout',
    '120',
    '--json',
    ...rita,
  ])
  const known = async (): Promise<unknown[]> =>
    (await triasJson(['request', 'list', '--home', at('ann')])).requests as unknown[]
  await expect.poll(known, { timeout: 60_000 }).toHaveLength(1)
  await Promise.all(['ann', 'bob'].map(name => triasJson(['approve', 'latest', '--yes', '--home', at(name)])))
  const { code, stdout, stderr } = await watching
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ state: 'done', waitingFor: [] })

  const [json, csv, table, parquet, foreign] = await Promise.all([
    triasJson(['result', 'latest', ...rita]),
    trias(['result', 'latest', '--csv', ...rita]),
    trias(['result', 'latest', ...rita]),
    trias(['result', 'latest', '--parquet', at('result.parquet'), ...rita]),
    trias(['result', 'latest', '--home', at('ann')]),
  ])
  expect(json).toMatchObject({
    rows: [
      ['DE', 3, '110.00'],
      ['FR', 2, '4.50'],
    ],
  })
  expect(csv.stdout).toBe('country,n,total\nDE,3,110.00\nFR,2,4.50\n')
  expect(table.stdout).toMatch(/DE +3 +█+ +110\.00 +█+/)
  expect(parquet.code).toBe(0)
  expect(await readSource({ file: at('result.parquet') })).toEqual({
    names: ['country', 'n', 'total'],
    columns: [
      ['DE', 'FR'],
      ['3', '2'],
      ['110.00', '4.50'],
    ],
  })
  expect(foreign.code).toBe(3)
  expect(foreign.stderr).toContain('only rita can open this result')

  // What the three parties measured is what anybody's own compilation announced, step by step.
  const { analysis, steps } = await triasJson(['explain', '--request', 'latest', '--analyze', ...rita])
  expect(analysis).toMatchObject({ where: 'run', exact: true })
  const measured = (analysis as { readonly steps: readonly { readonly name: string }[] }).steps
  expect(measured.map(({ name }) => name)).toEqual((steps as typeof measured).map(({ name }) => name))
})

test('the margin of a report that was answered is not approved in passing', {
  timeout: 120_000,
}, async () => {
  const ask = ['request', 'create', '--sql', 'SELECT COUNT(*) AS n FROM pay', '--purpose', 'testing']
  const { request } = await triasJson([...ask, '--home', at('rita')])
  const yes = ['approve', request as string, '--yes', '--home', at('ann')]
  const refused = await trias(yes)
  expect(refused.code).toBe(4)
  expect(refused.stderr).toContain('approval-margin')
  expect(refused.stderr).toContain('--accept-margins')
  const accepted = await triasJson([...yes, '--accept-margins'])
  expect(accepted).toMatchObject({ approved: true, request })
  await triasJson(['refuse', request as string, '--reason', 'test is over', '--home', at('bob')])
})

test('a refused request ends with 4, the logs hold, and everything can be shown', async () => {
  const ask = ['request', 'create', '--sql', SQL, '--purpose', 'testing', '--home', at('rita')]
  const { request } = await triasJson(ask)
  await triasJson(['refuse', request as string, '--reason', 'not this month', '--home', at('bob')])
  const watched = await trias(['run', request as string, '--watch', '--timeout', '20', '--home', at('rita')])
  expect(watched.code).toBe(4)
  expect(watched.stderr).toContain('not this month')
  const [logs, shown, dataset, list] = await Promise.all([
    triasJson(['log', 'verify', '--home', at('ann')]),
    trias(['request', 'show', request as string, '--home', at('ann')]),
    trias(['dataset', 'show', 'latest', '--home', at('rita')]),
    trias(['dataset', 'list', '--home', at('rita')]),
  ])
  expect((logs.logs as unknown[]).length).toBe(3)
  expect(shown.stdout).toContain('Your data: table pay')
  expect(dataset.stdout).toContain('owner')
  expect(list.stdout).toMatch(/bob +pay +1 +16/)
  expect(
    (await trias(['request', 'create', '--sql', SQL, '--purpose', 'other', '--home', at('rita')])).code,
  ).toBe(4)
})
