/** The deployment packages: what is in them, what must not be, and that each starts where it belongs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPartyKeyFile } from '../../../client/sdk/node/party-key-file.ts'
import { bundle, CLOUDS, type Cloud, type Package } from '../../../functions/build/bundle.ts'
import { waitFor } from '../../support/federation.ts'
import { PASSPHRASE } from '../../support/party-process.ts'

const root = resolve(import.meta.dirname, '../../..')
const directory = mkdtempSync(join(tmpdir(), 'trias-bundle-'))
const children: ChildProcess[] = []
const packages = new Map<Cloud, Package>()
const clouds = CLOUDS.filter(cloud => existsSync(join(root, 'functions', cloud)))

beforeAll(async () => {
  for (const cloud of clouds) packages.set(cloud, await bundle(cloud, directory))
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

/** The npm packages and the folders of functions/ that are in a bundle. */
const contentOf = (cloud: Cloud): string[] => {
  const inputs = Object.keys(packages.get(cloud)?.metafile.inputs ?? {})
  return [
    ...new Set(
      inputs.map(path => {
        const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
        return name ?? path.split('/').slice(0, 2).join('/')
      }),
    ),
  ]
}

test.each(clouds)('%s: nothing of another cloud, of a member or of a test is in the package', cloud => {
  const aws = /^@(aws-sdk|aws-crypto|smithy|aws)\//
  const azure = /^@(azure|typespec|azure-rest)\//
  const foreign = { aws: [azure], azure: [aws], onprem: [aws, azure] }[cloud]
  const content = contentOf(cloud)
  expect(content).toContain('functions/party')
  expect(content).toContain(`functions/${cloud}`)
  const never = [/^functions\//, /^(client|test|bench|examples)\//, /duckdb|azurite|fauxqs|esbuild|vitest/]
  expect(
    content.filter(
      name =>
        ![`functions/${cloud}`, 'functions/party'].includes(name) &&
        [...foreign, ...never].some(pattern => pattern.test(name)),
    ),
  ).toEqual([])
})

test.each(clouds)('%s: the package stays small', cloud => {
  const { files = [] } = packages.get(cloud) ?? {}
  const mib = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1024 / 1024
  expect(mib).toBeGreaterThan(1)
  expect(mib).toBeLessThan({ aws: 6, azure: 6, onprem: 6 }[cloud])
})

test('onprem: the package runs where nothing is installed', async () => {
  const home = mkdtempSync(join(directory, 'home-'))
  await createPartyKeyFile(join(home, 'key.json'), PASSPHRASE)
  writeFileSync(
    join(home, 'party.json'),
    JSON.stringify({
      party: 2,
      listen: { host: '127.0.0.1', port: 0 },
      dataDir: 'data',
      keyFile: 'key.json',
    }),
  )
  const child = spawn(process.execPath, [join(directory, 'onprem/main.mjs'), join(home, 'party.json')], {
    cwd: home,
    env: { TRIAS_PASSPHRASE: PASSPHRASE },
  })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', data => {
    stdout += data
  })
  child.stderr.on('data', data => {
    stderr += data
  })
  await waitFor('the ready line', async () => {
    if (child.exitCode !== null) throw new Error(`the party ended: ${stderr}`)
    return stdout.includes('\n') ? true : undefined
  })
  const { url } = JSON.parse(stdout)
  expect((await fetch(`${url}/v1/health`)).status).toBe(204)
})
