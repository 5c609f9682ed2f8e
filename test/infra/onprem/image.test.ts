/** The folder of the image holds all that Node needs, which the loader says itself. docker.test.ts builds and runs it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const isLinux = process.platform === 'linux'
const isRoot = isLinux && process.getuid?.() === 0
let outdir: string

beforeAll(() => {
  outdir = mkdtempSync(join(tmpdir(), 'trias-image-'))
  if (isLinux)
    execFileSync(process.execPath, [join(root, 'infra/onprem/main.ts'), '--context'], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TRIAS_ONPREM_OUTDIR: outdir },
    })
}, 120_000)
afterAll(() => rmSync(outdir, { recursive: true, force: true }))

test.skipIf(!isLinux)('no shell, times of zero, and a list of components without a date', () => {
  const image = join(outdir, 'image/root')
  expect(existsSync(join(image, 'bin'))).toBe(false)
  expect(statSync(join(image, 'app/main.mjs')).mtimeMs).toBe(0)
  const sbom = JSON.parse(readFileSync(join(outdir, 'image/sbom.cdx'), 'utf8'))
  expect(sbom.components.map((one: { name: string }) => one.name)).toContain('hono')
  expect(sbom.metadata).not.toHaveProperty('timestamp')
  expect(sbom.metadata.component.name).toBe('trias')
})

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
