/**
 * The list of components (SBOM, CycloneDX) of what is in the image and nothing else: the npm packages that have code in the
 * bundle, Node with what is linked into it, and the system libraries by the Debian package that they are from. Two lists of
 * the same components are the same bytes. https://cyclonedx.org/docs/1.5/json/
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

interface Component {
  readonly type: string
  readonly name: string
  readonly group?: string
  readonly version?: string
  readonly licenses?: readonly { readonly expression: string }[]
  readonly 'bom-ref'?: string
  readonly purl?: string
  readonly cpe?: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly components?: readonly Component[]
}

interface Contents {
  /** Of the project. */
  readonly root: string
  readonly metafile: Metafile
  /** Files that the bundle reads at run time, below the root. */
  readonly beside: readonly string[]
  /** Full paths on this machine. */
  readonly node: string
  readonly libraries: readonly string[]
}

interface Locked {
  readonly version: string
  /** `sha512-` and base64. */
  readonly integrity: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/

/** Folders of the packages with at least a byte in the output. */
const foldersIn = ({ metafile, beside }: Contents): readonly string[] => {
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  )
  return [...new Set([...files, ...beside].flatMap(file => PACKAGE.exec(file)?.[0] ?? []))].sort()
}

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 13)
const npmPurl = (name: string, version: string): string =>
  `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`

/** What a package in this folder finds under a name, as Node looks for it: in the nearest folder upwards. */
const resolved = (from: string, name: string, known: ReadonlySet<string>): string | undefined => {
  const parts = from === '' ? [] : from.split('/node_modules/')
  for (let depth = parts.length; depth >= 0; depth--) {
    const folder = [...parts.slice(0, depth), depth === 0 ? `node_modules/${name}` : name].join(
      '/node_modules/',
    )
    if (known.has(folder)) return folder
  }
  return undefined
}

const npmComponent = (folder: string, { version, integrity, license }: Locked): Component => {
  const [first, last] = nameOf(folder).split('/') as [string, string | undefined]
  const purl = npmPurl(nameOf(folder), version)
  const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')
  return {
    type: 'library',
    'bom-ref': purl,
    ...(last === undefined ? { name: first } : { group: first, name: last }),
    version,
    purl,
    hashes: [{ alg: 'SHA-512', content }],
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
  }
}

const hashesOf = (path: string) => [
  { alg: 'SHA-256', content: createHash('sha256').update(readFileSync(path)).digest('hex') },
]

const nodeComponent = (path: string): Component => {
  const { node, modules: _abi, ...linked } = process.versions
  return {
    type: 'application',
    'bom-ref': `node@${node}`,
    name: 'node',
    version: node,
    purl: `pkg:npm/node-${process.platform}-${process.arch}@${node}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
    hashes: hashesOf(path),
    components: Object.entries(linked)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, version]) => ({ type: 'library', name, version: String(version) })),
  }
}

const query = (...args: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync('dpkg-query', [...args], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Where `/lib` leads to `/usr/lib`, a package may list either. undefined: not from a Debian package. */
const debianPackageOf = (file: string): string | undefined => {
  for (const path of [file, `/usr${file}`, realpathSync(file)]) {
    const found = query('--search', path)?.split('\n').at(-1)
    if (found !== undefined) return found.slice(0, found.lastIndexOf(': '))
  }
  return undefined
}

/** Such as `debian` or `ubuntu`. */
const distribution = (): string => /^ID="?([a-z]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? ''

const libraryComponents = (files: readonly string[]): readonly Component[] => {
  const byPackage = Map.groupBy(files, debianPackageOf)
  return [...byPackage].flatMap(([name, own]): readonly Component[] => {
    const inside: readonly Component[] = own.map(file => ({
      type: 'file',
      name: file,
      hashes: hashesOf(file),
    }))
    if (name === undefined) return inside
    const [version = '', arch = ''] =
      query('--show', '--showformat', `\${Version} \${Architecture}`, name)?.split(' ') ?? []
    const bare = name.split(':')[0] as string
    const purl = `pkg:deb/${distribution()}/${bare}@${encodeURIComponent(version)}?arch=${arch}`
    return [{ type: 'library', 'bom-ref': purl, name: bare, version, purl, components: inside }]
  })
}

/** Throws when a package of the bundle is not in the lock file. */
export const sbom = (contents: Contents): string => {
  // Not by `npm sbom --omit dev`: it lists what the bundle leaves out, and leaves out what a tool of the development needs
  // as well, such as `pg`.
  const { packages: lock } = JSON.parse(readFileSync(join(contents.root, 'package-lock.json'), 'utf8'))
  const { name, version, license, dependencies: direct } = lock['']
  const folders = foldersIn(contents)
  const unlisted = folders.filter(folder => lock[folder] === undefined)
  if (unlisted.length > 0) throw new Error(`the lock file does not list ${unlisted.join(', ')}`)
  const known = new Set(folders)
  const refOf = (folder: string): string => npmPurl(nameOf(folder), lock[folder].version)
  const found = (from: string, names: Readonly<Record<string, string>> = {}): readonly string[] =>
    Object.keys(names)
      .flatMap(one => resolved(from, one, known) ?? [])
      .map(refOf)
  // A package may be installed twice in the same version.
  const installed = [...Map.groupBy(folders, refOf)]
  const own = [nodeComponent(contents.node), ...libraryComponents(contents.libraries)]
  const ref = npmPurl(name, version)
  const list = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: { type: 'application', 'bom-ref': ref, name, version, licenses: [{ expression: license }] },
    },
    components: [...installed.map(([, [folder = '']]) => npmComponent(folder, lock[folder])), ...own],
    dependencies: [
      { ref, dependsOn: [...found('', direct), ...own.flatMap(one => one['bom-ref'] ?? [])] },
      ...installed.map(([ref, at]) => ({
        ref,
        dependsOn: [...new Set(at.flatMap(folder => found(folder, lock[folder].dependencies)))],
      })),
    ],
  }
  return `${JSON.stringify(list, null, 2)}\n`
}
