/**
 * Deployment packages: one folder a cloud, with everything its functions need and nothing of another cloud. Each is an
 * ES module bundle with code that the entries share in chunks of its own, beside the two WebAssembly files that are
 * read at run time. Nothing has to be installed where it runs.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { InputError } from '../../shared/base/errors.ts'

export const CLOUDS = ['aws', 'azure', 'onprem'] as const
export type Cloud = (typeof CLOUDS)[number]

export interface Package {
  readonly cloud: Cloud
  readonly directory: string
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly gzipBytes: number }[]
  readonly metafile: Metafile
}

const root = resolve(import.meta.dirname, '../..')

const ENTRIES: Record<Cloud, readonly string[]> = {
  aws: ['http', 'worker', 'timer'],
  azure: ['main'],
  onprem: ['main'],
}

/** Read from the folder of the bundle when a function starts. */
export const WASM = ['dist/kernel/kernel.wasm', 'node_modules/libpg-query/wasm/libpg-query.wasm']

/** What bundled CommonJS modules expect around them, under names that no bundled ES module declares by itself. */
const COMMON_JS = `import { createRequire as $createRequire } from 'node:module'
const require = $createRequire(import.meta.url), $filename = import.meta.filename, $dirname = import.meta.dirname
`

/** Supplied by the language worker of Azure; optional native parts that are not installed. */
const EXTERNAL = ['@azure/functions-core', 'pg-native']

/** What the platform reads beside the code. */
const addPlatformFiles = (cloud: Cloud, directory: string): void => {
  if (cloud !== 'azure') return
  copyFileSync(join(root, 'functions/azure/host.json'), join(directory, 'host.json'))
  writeFileSync(
    join(directory, 'package.json'),
    `${JSON.stringify({ private: true, type: 'module', main: 'main.mjs' }, null, 2)}\n`,
  )
}

/** Throws InputError when the kernel has not been built. */
export const bundle = async (
  cloud: Cloud,
  parent: string = join(root, 'dist/functions'),
): Promise<Package> => {
  const directory = join(parent, cloud)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES[cloud].map(name => `functions/${cloud}/${name}.ts`),
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    banner: { js: COMMON_JS },
    define: { __filename: '$filename', __dirname: '$dirname' },
    // Smaller is faster to load, but a stack trace must stay readable where there is no source map.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'linked',
    metafile: true,
    logLevel: 'silent',
  })
  for (const file of WASM) {
    if (!existsSync(join(root, file)))
      throw new InputError(`${file} is missing`, { hint: 'npm ci, or npm run build:kernel' })
    copyFileSync(join(root, file), join(directory, file.split('/').at(-1) as string))
  }
  addPlatformFiles(cloud, directory)
  const names = Object.keys(metafile.outputs)
    .filter(path => path.endsWith('.mjs'))
    .map(path => path.split('/').at(-1) as string)
  const wasm = WASM.map(path => path.split('/').at(-1) as string)
  return {
    cloud,
    directory,
    metafile,
    files: [...names, ...wasm].map(name => {
      const content = readFileSync(join(directory, name))
      return { name, bytes: content.length, gzipBytes: gzipSync(content).length }
    }),
  }
}
