/**
 * The locality of everything in a directory, whatever made it: a cloud assembly of the CDK, stacks of CDKTF, compose files,
 * Kubernetes manifests. Files are told apart by what is in them. A file of templates that cannot be told is a finding.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { InputError } from '../../shared/base/errors.ts'
import { ASSEMBLY_RULES, examineAwsAssembly, examineAwsTemplate, stacksOf } from './aws.ts'
import { AWS_RULES } from './aws-rules.ts'
import { examineAzureStack } from './azure.ts'
import { AZURE_RULES } from './azure-rules.ts'
import type { Finding } from './finding.ts'
import type { Home } from './home.ts'
import { at, isObject } from './json.ts'
import { ACCOUNTABLE } from './law.ts'
import { examineOnprem } from './onprem.ts'
import { ONPREM_RULES } from './onprem-rules.ts'
import { type Examination, examine, type Rule, type RuleText, together } from './rule.ts'

type Format = 'cloudformation' | 'assembly' | 'terraform' | 'compose' | 'kubernetes' | 'companion' | 'unknown'

export interface CheckedFile {
  readonly path: string
  readonly format: Format
  readonly bytes: number
  /** SHA-256 in hexadecimal, as `sha256sum` prints it. */
  readonly sha256: string
}

export interface DirectoryReport extends Examination {
  readonly files: readonly CheckedFile[]
  /** Of the formats that were found, each once. */
  readonly rules: readonly RuleText[]
}

interface Read extends CheckedFile {
  readonly documents: readonly unknown[]
}

/** Written beside templates by the tools, and deployed by nothing. */
const COMPANIONS = [
  /^(tree|cdk|validation-report|manifest)\.json$/,
  /\.(assets|metadata)\.json$/,
  /^(package|host|function)\.json$/,
]
const TEMPLATE = /\.(json|ya?ml|tf|template|bicep|tfvars)$/
/** Code of functions, what Terraform downloads, packages. */
const SKIPPED = /^(asset\..*|node_modules|\.terraform|\.git)$/

const walk = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true })
  const inner = await Promise.all(
    entries.map(async entry => {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) return SKIPPED.test(entry.name) ? [] : walk(path)
      return TEMPLATE.test(entry.name) && !/^\.terraform\.lock/.test(entry.name) ? [path] : []
    }),
  )
  return inner.flat().sort()
}

const parse = (text: string, path: string): readonly unknown[] => {
  if (path.endsWith('.json') || path.endsWith('.template')) {
    try {
      return [JSON.parse(text)]
    } catch {
      return []
    }
  }
  if (!/\.ya?ml$/.test(path)) return []
  const documents = parseAllDocuments(text)
  if ('empty' in documents || documents.some(one => one.errors.length > 0)) return []
  return documents.map(one => one.toJS() as unknown).filter(one => one !== null)
}

const formatOf = (path: string, documents: readonly unknown[]): Format => {
  const [first] = documents
  if (documents.length === 0 || !isObject(first)) return 'unknown'
  if (isObject(first.Resources)) return 'cloudformation'
  if (isObject(first.artifacts)) return 'assembly'
  if (isObject(first.resource) && (isObject(first.terraform) || isObject(first.provider))) return 'terraform'
  if (isObject(first.services)) return 'compose'
  if (documents.every(one => at(one, 'apiVersion') !== undefined && at(one, 'kind') !== undefined))
    return 'kubernetes'
  // Policies for the owner of an organisation; they deploy nothing.
  if (first.Version === '2012-10-17' && Array.isArray(first.Statement)) return 'companion'
  return COMPANIONS.some(name => name.test(basename(path))) ? 'companion' : 'unknown'
}

const read = async (root: string, path: string): Promise<Read> => {
  const bytes = await readFile(path)
  const documents = parse(bytes.toString('utf8'), path)
  return {
    path: relative(root, path),
    format: formatOf(path, documents),
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    documents,
  }
}

const OF_PROVIDER: Readonly<Record<Home['provider'], readonly Format[]>> = {
  aws: ['cloudformation', 'assembly'],
  azure: ['terraform'],
  onprem: ['compose', 'kubernetes'],
}

interface Directory {
  readonly home: Home
  readonly files: readonly Read[]
}

const isCompanion = ({ format }: Read): boolean => format === 'companion' || format === 'unknown'

const isOf = ({ format }: Read, { provider }: Home): boolean => OF_PROVIDER[provider].includes(format)

const DIRECTORY_RULES: readonly Rule<Directory>[] = [
  {
    id: 'DIR-UNKNOWN',
    proves: 'Every template in the directory was understood and checked',
    expected: 'CloudFormation, Terraform JSON, compose or Kubernetes',
    law: ACCOUNTABLE,
    *look({ files }) {
      for (const { path, format } of files)
        yield { path: [path], holds: format !== 'unknown', found: 'another format, or not readable' }
    },
  },
  {
    id: 'DIR-EMPTY',
    proves: 'There was something to check',
    expected: 'one template at least',
    law: ACCOUNTABLE,
    *look({ files }) {
      const count = files.filter(file => !isCompanion(file)).length
      yield { path: ['.'], holds: count > 0, found: `${count} templates` }
    },
  },
  {
    id: 'DIR-PROVIDER',
    proves: 'What is deployed is for the provider that the party is declared for',
    expected: 'templates of the declared provider',
    law: ACCOUNTABLE,
    *look({ files, home }) {
      for (const file of files)
        if (!isCompanion(file)) yield { path: [file.path], holds: isOf(file, home), found: file.format }
    },
  },
]

const examineFile = ({ path, format, documents }: Read, home: Home): Examination => {
  const { region, countries, accountId } = home
  const declared = countries === undefined ? {} : { countries }
  const [first] = documents
  switch (format) {
    case 'cloudformation':
    case 'assembly': {
      const aws = { region, ...declared, ...(accountId === undefined ? {} : { accountId }) }
      return format === 'assembly'
        ? examineAwsAssembly(first, aws, path)
        : examineAwsTemplate(first, aws, path)
    }
    case 'terraform':
      return examineAzureStack(first, { location: region, ...declared }, path)
    case 'compose':
    case 'kubernetes':
      return examineOnprem(documents, { site: region, countries: countries ?? [] }, path)
    default:
      return { findings: [], looked: new Map() }
  }
}

const accountOf = (files: readonly Read[]): string | undefined => {
  const accounts = files
    .filter(({ format }) => format === 'assembly')
    .flatMap(({ documents }) => stacksOf(documents[0]))
    .map(({ environment }) => /^aws:\/\/(\d{12})\//.exec(environment)?.[1])
  return accounts[0]
}

export const RULES_OF: Readonly<Record<Home['provider'], readonly RuleText[]>> = {
  aws: [...ASSEMBLY_RULES, ...AWS_RULES],
  azure: AZURE_RULES,
  onprem: ONPREM_RULES,
}
export const RULES_OF_DIRECTORY: readonly RuleText[] = DIRECTORY_RULES

/** Throws InputError when there is no such directory. */
const readAll = async (directory: string): Promise<readonly Read[]> => {
  try {
    return await Promise.all((await walk(directory)).map(path => read(directory, path)))
  } catch (cause) {
    throw new InputError('there is no such directory to check', {
      where: directory,
      hint: 'Name the directory that a synthesis wrote, such as cdk.out.',
      cause,
    })
  }
}

/** Every template of a directory, parsed, whatever its format; of an assembly where its stacks go. */
export const readTemplates = async (directory: string): Promise<readonly unknown[]> =>
  (await readAll(directory))
    .filter(file => !isCompanion(file))
    .flatMap(({ format, documents }) => (format === 'assembly' ? documents.map(stacksOf) : documents))

/** Throws InputError when there is no such directory. */
export const examineDirectory = async (directory: string, home: Home): Promise<DirectoryReport> => {
  const files = await readAll(directory)
  const accountId = home.accountId ?? accountOf(files)
  const own = { ...home, ...(accountId === undefined ? {} : { accountId }) }
  const { findings, looked } = together([
    examine(DIRECTORY_RULES, { home, files }, path => path.join('/')),
    ...files.filter(file => isOf(file, home)).map(file => examineFile(file, own)),
  ])
  return {
    findings,
    looked,
    files: files.map(({ path, format, bytes, sha256 }) => ({ path, format, bytes, sha256 })),
    rules: [...DIRECTORY_RULES, ...RULES_OF[home.provider]],
  }
}

export const checkDirectory = async (directory: string, home: Home): Promise<readonly Finding[]> =>
  (await examineDirectory(directory, home)).findings
