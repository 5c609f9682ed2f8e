/** `npm run synth:azure` as an operator runs it: offline, without credentials, and with an end when something is wrong. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
let outdir: string

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'trias-cdktf-'))
})
afterAll(() => rm(outdir, { recursive: true }))

const synth = (settings: readonly string[], context = {}): Promise<{ code: number; stderr: string }> =>
  new Promise(done => {
    execFile(
      process.execPath,
      [join(root, 'infra/azure/main.ts'), ...settings],
      {
        cwd: root,
        env: { PATH: process.env.PATH, CDKTF_OUTDIR: outdir, CDKTF_CONTEXT_JSON: JSON.stringify(context) },
      },
      (error, _stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stderr }),
    )
  })
const done = { code: 0, stderr: '' }
const written = async (party: number): Promise<string> =>
  readFile(join(outdir, `stacks/trias-party-${party}/cdk.tf.json`), 'utf8')

test('two runs write the same bytes, without a path of this machine', async () => {
  expect(await synth([])).toEqual(done)
  const first = await written(1)
  expect(await synth([])).toEqual(done)
  expect(await written(1)).toBe(first)
  expect(first).not.toContain(root)
  expect(first).not.toContain(tmpdir())
})

test('the command line, before the context of cdktf', async () => {
  expect(
    await synth(['--location', 'westeurope'], { location: 'northeurope', 'resource-group': 'mine' }),
  ).toEqual(done)
  const { Group } = JSON.parse(await written(1)).resource.azurerm_resource_group
  expect(Group).toMatchObject({ location: 'westeurope', name: 'mine' })
})

test('another party leaves nothing of the one before; the same one keeps what terraform has downloaded', async () => {
  await mkdir(join(outdir, 'stacks/trias-party-1/.terraform'))
  await writeFile(join(outdir, 'stacks/trias-party-1/.terraform.lock.hcl'), '')
  expect(await synth([])).toEqual(done)
  expect(await readdir(join(outdir, 'stacks/trias-party-1'))).toEqual([
    '.terraform',
    '.terraform.lock.hcl',
    'cdk.tf.json',
  ])
  expect(await synth(['--party', '2'])).toEqual(done)
  expect(await readdir(join(outdir, 'stacks'))).toEqual(['trias-party-2'])
})

test.each([
  [['--replication', 'GRS'], '--replication'],
  [['--location', 'mars'], '--location'],
  [['--colour', 'blue'], '--colour'],
  [['westeurope'], 'westeurope'],
])('%s is refused, by name', async (settings, name) => {
  const { code, stderr } = await synth(settings)
  expect(code).toBe(1)
  expect(stderr).toContain(name)
  expect(stderr).not.toContain('    at ')
})

test('a stack that breaks a rule of locality is refused, and does not stay to be deployed', async () => {
  const { code, stderr } = await synth(['--location', 'uksouth'])
  expect(code).toBe(1)
  expect(stderr).toContain('HOME-COUNTRY')
  await expect(written(1)).rejects.toThrow('ENOENT')
  expect(await synth(['--location', 'uksouth', '--countries', 'GB'])).toEqual(done)
})

test('a party without a network is made when it is asked for, and says what that breaks', async () => {
  const { code, stderr } = await synth(['--network', 'public'])
  expect(code).toBe(0)
  expect(stderr.match(/AZ-PUBLIC-NETWORK/g)).toHaveLength(3)
  const further = await synth(['--network', 'public', '--countries', 'NL'])
  expect(further.code).toBe(1)
  expect(further.stderr).toContain('HOME-COUNTRY')
})
