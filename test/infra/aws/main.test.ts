/** `npm run synth:aws` as an operator runs it: offline, without credentials, and with an end when something is wrong. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
let outdir: string

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'trias-cdk-'))
})
afterAll(() => rm(outdir, { recursive: true }))

const synth = (...settings: string[]): Promise<{ code: number; stderr: string }> =>
  new Promise(done => {
    execFile(
      process.execPath,
      [join(root, 'infra/aws/main.ts'), ...settings.flatMap(setting => ['-c', setting])],
      { cwd: root, env: { PATH: process.env.PATH, HOME: outdir, CDK_OUTDIR: outdir } },
      (error, _stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stderr }),
    )
  })

test('one stack, its package, two policies, and nothing of an earlier synthesis', async () => {
  expect(await synth('party=1')).toEqual({ code: 0, stderr: '' })
  await writeFile(join(outdir, 'left-over.template.json'), '{}')
  const region = 'eusc-de-east-1'
  expect(await synth('party=2', `region=${region}`, 'account=444455556666')).toEqual({ code: 0, stderr: '' })
  const names = await readdir(outdir)
  expect(names.filter(name => name.endsWith('.template.json'))).toEqual(['trias-party-2.template.json'])
  const manifest = JSON.parse(await readFile(join(outdir, 'manifest.json'), 'utf8'))
  expect(manifest.artifacts['trias-party-2'].environment).toBe(`aws://444455556666/${region}`)
  const bundle = names.find(name => name.startsWith('asset.')) as string
  for (const file of ['http.mjs', 'worker.mjs', 'timer.mjs', 'kernel.wasm'])
    expect(existsSync(join(outdir, bundle, file)), file).toBe(true)
  const policy = JSON.parse(await readFile(join(outdir, 'organization/service-control-policy.json'), 'utf8'))
  expect(JSON.stringify(policy)).toContain('arn:aws-eusc:iam::444455556666:role/trias/*')
  const report = JSON.parse(await readFile(join(outdir, 'validation-report.json'), 'utf8'))
  expect(report.pluginReports).toEqual([])
})

test('a party in a country that nobody named is refused after synthesis, by the rules of locality', async () => {
  const { code, stderr } = await synth('region=eu-west-2')
  expect(code).toBe(1)
  expect(stderr).toMatch(/HOME-COUNTRY .*eu-west-2, GB/)
  expect(existsSync(join(outdir, 'manifest.json')), 'what was refused can be deployed').toBe(false)
  expect(await synth('region=eu-west-2', 'countries=GB,DE')).toEqual({ code: 0, stderr: '' })
})

test.each([
  ['region=us-gov-west-1', '-c region'],
  ['colour=blue', '-c colour'],
  ['party', '-c party'],
])('%s is refused, by name', async (setting, where) => {
  const { code, stderr } = await synth(setting)
  expect(code).toBe(1)
  expect(stderr).toContain(`\n  ${where}\n`)
})
