/** The folder of the image holds all that Node needs, which the loader says itself. docker.test.ts builds and runs it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const isLinux = process.platform === 'linux'
const isRoot = isLinux && process.getuid?.() === 0
let outdir: string

interface Component {
  readonly type: string
  readonly name: string
  readonly group?: string
  readonly version?: string
  readonly 'bom-ref'?: string
  readonly hashes?: readonly { readonly content: string }[]
  readonly components?: readonly Component[]
}

beforeAll(() => {
  outdir = mkdtempSync(join(tmpdir(), 'trias-image-'))
  if (isLinux)
    execFileSync(process.execPath, [join(root, 'infra/onprem/main.ts'), '--context'], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TRIAS_ONPREM_OUTDIR: outdir },
    })
}, 120_000)
afterAll(() => rmSync(outdir, { recursive: true, force: true }))

test.skipIf(!isLinux)('no shell, and times of zero', () => {
  const image = join(outdir, 'image/root')
  expect(existsSync(join(image, 'bin'))).toBe(false)
  expect(statSync(join(image, 'app/main.mjs')).mtimeMs).toBe(0)
})

test.skipIf(!isLinux)(
  'the list of components has what is in the image, by its hash, and nothing else',
  () => {
    const text = readFileSync(join(outdir, 'image/sbom.cdx'), 'utf8')
    const { metadata, components, dependencies } = JSON.parse(text)
    expect(metadata).not.toHaveProperty('timestamp')
    expect(metadata.component.name).toBe('trias')
    const all: Component[] = components
    const refs = all.flatMap(one => one['bom-ref'] ?? [])
    expect(new Set(refs).size).toBe(refs.length)
    for (const { ref, dependsOn } of dependencies as { ref: string; dependsOn: string[] }[])
      for (const one of [ref, ...dependsOn]) expect([...refs, metadata.component['bom-ref']]).toContain(one)

    const names = all.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`))
    expect(names).toEqual(expect.arrayContaining(['hono', 'pg', 'zod', '@noble/hashes', 'libpg-query']))
    // Dependencies of the project that another cloud or the client needs.
    for (const absent of ['@aws-sdk/client-dynamodb', '@azure/data-tables', '@duckdb/node-api', 'commander'])
      expect(names).not.toContain(absent)
    const hono = all.find(({ name }) => name === 'hono')
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    expect(hono?.version).toBe(lock.packages['node_modules/hono'].version)
    expect(hono?.hashes?.[0]?.content).toMatch(/^[0-9a-f]{128}$/)

    const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
    const image = join(outdir, 'image/root')
    const node = all.find(({ name }) => name === 'node')
    expect(node?.hashes?.[0]?.content).toBe(sha256(join(image, 'usr/bin/node')))
    expect(node?.components?.find(({ name }) => name === 'openssl')?.version).toBe(process.versions.openssl)
    const listed = all
      .flatMap(({ components = [], ...one }) => [one, ...components])
      .filter(({ type }) => type === 'file')
      .map(({ name, hashes }) => [name, hashes?.[0]?.content] as const)
    const inImage = readdirSync(image, { recursive: true, withFileTypes: true })
      .filter(one => one.isFile() && /\.so/.test(one.name))
      .map(one => join(one.parentPath, one.name))
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(inImage.map(path => [path.slice(image.length), sha256(path)])),
    )
  },
)

test.skipIf(!isRoot)(
  `${isRoot ? '' : 'skipped: not root. '}the folder alone, as its user, starts the party`,
  () => {
    const { status, stderr } = spawnSync(
      'chroot',
      ['--userspec=10001:10001', join(outdir, 'image/root'), '/usr/bin/node', '/app/main.mjs', '/none.json'],
      { encoding: 'utf8' },
    )
    expect(stderr).toContain('cannot read the configuration of the party')
    expect(status).toBe(2)
  },
)

test.skipIf(!isRoot)(
  `${isRoot ? '' : 'skipped: not root. '}the folder alone finds names in the hosts file`,
  () => {
    const image = join(outdir, 'image/root')
    writeFileSync(join(image, 'etc/hosts'), '192.0.2.7 database\n')
    const { stdout } = spawnSync(
      'chroot',
      [
        '--userspec=10001:10001',
        image,
        '/usr/bin/node',
        '-e',
        "require('node:dns').lookup('database', (error, address) => console.log(error ?? address))",
      ],
      { encoding: 'utf8' },
    )
    rmSync(join(image, 'etc/hosts'))
    expect(stdout).toBe('192.0.2.7\n')
  },
)
