/** Imports go one way. The order is the one of `docs/internals/architecture.md`; a new folder has to take a place in it. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

const sharedOrder = [
  'base',
  'crypto',
  'kernel',
  'field',
  'bits',
  'sharing',
  'prss',
  'session',
  'protocol',
  'data',
  'sql',
  'governance',
  'audit',
  'wire',
  'port',
  'party',
]
const clouds = ['aws', 'azure', 'onprem', 'local']

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(file => !file.includes('assembly/'))

interface Import {
  readonly file: string
  readonly target: string
}

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^']+)'/gm)
  return [...found].map(([, target]) => ({
    file,
    target: target?.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : (target ?? ''),
  }))
}

const violations = (folder: string, allowed: (line: Import) => boolean): string[] =>
  sources(folder)
    .flatMap(importsOf)
    .filter(line => !allowed(line))
    .map(({ file, target }) => `${file} imports ${target}`)

const isLocal = (target: string): boolean =>
  /^(shared|functions|client|test|bench|examples|infra)\//.test(target)

test('every folder of shared/ has its place in the order', () => {
  const folders = readdirSync(join(root, 'shared'), { withFileTypes: true }).filter(entry =>
    entry.isDirectory(),
  )
  expect(folders.map(entry => entry.name).filter(name => !sharedOrder.includes(name))).toEqual([])
})

test('a folder of shared/ imports only from itself and from folders before it', () => {
  const place = (path: string): number => sharedOrder.indexOf(path.split('/')[1] as string)
  expect(
    violations(
      'shared',
      ({ file, target }) =>
        !isLocal(target) || (target.startsWith('shared/') && place(target) <= place(file)),
    ),
  ).toEqual([])
})

test('shared/ is pure: no SDK, and of Node only ciphers and hashes, which are functions of their input', () => {
  const pure = /^(@noble\/|@hpke\/|@scure\/base|zod|canonicalize|libpg-query)/
  const native = /\/native-[a-z-]+\.ts$/
  expect(
    violations(
      'shared',
      ({ file, target }) =>
        isLocal(target) || pure.test(target) || (target === 'node:crypto' && native.test(file)),
    ),
  ).toEqual([])
  // What runs in a browser leaves these files out, so nothing but their own kind may need them.
  expect(violations('shared', ({ file, target }) => native.test(file) || !native.test(target))).toEqual([])
})

test('shared/ reads no clock, environment or randomness', () => {
  const impure =
    /\b(Date\.now|new Date\(\)|Math\.random|process\.|setTimeout|setImmediate|setInterval|getRandomValues|randomUUID|performance\.now|fetch\()/
  const found = sources('shared').filter(file =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .some(line => impure.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line)),
  )
  expect(found).toEqual([])
})

test('functions/ imports shared/ and itself, and no cloud imports another', () => {
  const cloudOf = (path: string): string | undefined => {
    const name = path.split('/')[1] as string
    return clouds.includes(name) ? name : undefined
  }
  expect(
    violations('functions', ({ file, target }) => {
      if (!isLocal(target) || target.startsWith('shared/')) return true
      if (!target.startsWith('functions/')) return false
      const from = cloudOf(file)
      const to = cloudOf(target)
      return to === undefined || to === from
    }),
  ).toEqual([])
})

test('an SDK is imported in the folder of its cloud, and by the hosts and emulators that stand for the cloud', () => {
  const homes: readonly (readonly [sdk: RegExp, home: RegExp])[] = [
    [/^@(aws-sdk|smithy)\/|^aws-lambda$/, /^functions\/(aws|local\/(lambda-host|emulator|party))\//],
    [/^@azure\//, /^functions\/(azure|local\/(azure-host|emulator|party))\//],
    [/^pg$/, /^functions\/onprem\/postgres\//],
    [/^@opentelemetry\//, /^functions\/party\/telemetry\//],
  ]
  const strays = ['shared', 'functions', 'client'].flatMap(folder =>
    violations(folder, ({ file, target }) =>
      homes.every(([sdk, home]) => !sdk.test(target) || home.test(file)),
    ),
  )
  expect(strays).toEqual([])
})

test('client/ reaches parties over HTTP only: it imports shared/ and itself', () => {
  expect(
    violations('client', ({ file, target }) => {
      if (!isLocal(target) || target.startsWith('shared/') || target.startsWith('client/')) return true
      // These verbs look at templates and never at a party.
      if (file.startsWith('client/cli/verb/locality-')) return target.startsWith('infra/locality/')
      return file.startsWith('client/demo/') && target.startsWith('examples/')
    }),
  ).toEqual([])
})

test('client/sdk is the bottom of client/, and its core runs in a browser', () => {
  const inSdk = (target: string): boolean => target.startsWith('client/sdk/')
  expect(violations('client/sdk', ({ target }) => !target.startsWith('client/') || inSdk(target))).toEqual([])
  const core = sources('client/sdk').filter(file => !file.startsWith('client/sdk/node/'))
  const nodeOnly = core
    .flatMap(importsOf)
    .filter(
      ({ target }) =>
        target.startsWith('node:') ||
        target.startsWith('@duckdb') ||
        target.startsWith('client/sdk/node/') ||
        /\/native-/.test(target),
    )
  expect(nodeOnly).toEqual([])
})
