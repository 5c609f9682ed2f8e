/** The options that say what is asked for; shared by `request create` and `run`. */
import type { Command } from 'commander'
import { epsilonText } from '../../shared/data/epsilon.ts'
import type { RequestInput } from '../sdk/request.ts'
import { collect } from './command.ts'
import type { MemberOptions } from './member.ts'
import { UsageError } from './outcome.ts'

export interface RequestOptions extends MemberOptions {
  readonly sql?: string
  readonly sqlFile?: string
  readonly purpose?: string
  readonly recipient?: string
  readonly versions?: readonly string[]
  readonly k?: string
  readonly epsilon?: string
  readonly hours?: string
}

export const addRequestOptions = (command: Command): Command =>
  command
    .option('--sql <text>', 'the report as SQL')
    .option('--sql-file <file>', 'the report as SQL in a file')
    .option('--purpose <purpose>', 'one of the purposes of the federation')
    .option('--recipient <member>', 'who will be able to read the result (default: you)')
    .option(
      '--versions <digest>',
      'data version to read; may be repeated (default: the newest of every owner)',
      collect,
    )
    .option('--k <rows>', 'minimum group size (default: the policy of the federation)')
    .option('--epsilon <number>', 'what the report may spend of privacy budgets, such as 0.5')
    .option('--hours <hours>', 'how long the request waits for approvals (default: 24)')

export const positiveNumber = (text: string, option: string): number => {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0)
    throw new UsageError(`${option} takes a positive number, not "${text}"`)
  return value
}

export const wholeNumber = (text: string, option: string): number => {
  const value = positiveNumber(text, option)
  if (!Number.isSafeInteger(value)) throw new UsageError(`${option} takes a whole number, not "${text}"`)
  return value
}

/** As the request carries it, checked. */
export const epsilonGiven = ({ epsilon }: { readonly epsilon?: string }): string | undefined => {
  if (epsilon === undefined || epsilonText.safeParse(epsilon).success) return epsilon
  throw new UsageError(
    `--epsilon takes a number from 0.001 to 1000 with up to three decimals, not "${epsilon}"`,
  )
}

export const sqlOf = async (options: Pick<RequestOptions, 'sql' | 'sqlFile'>): Promise<string> => {
  if (options.sql !== undefined && options.sqlFile !== undefined)
    throw new UsageError('--sql and --sql-file exclude each other')
  if (options.sql !== undefined) return options.sql
  if (options.sqlFile === undefined)
    throw new UsageError('the report is missing', 'Give --sql or --sql-file.')
  const { readText } = await import('../sdk/node/home.ts')
  return readText(options.sqlFile, 'the SQL file')
}

export const requestInputOf = async (options: RequestOptions): Promise<RequestInput> => {
  if (options.purpose === undefined)
    throw new UsageError(
      '--purpose is missing',
      '`trias federation show` lists the purposes of the federation.',
    )
  const { recipient, versions, k, hours } = options
  const epsilon = epsilonGiven(options)
  return {
    sql: await sqlOf(options),
    purpose: options.purpose,
    ...(recipient === undefined ? {} : { recipient }),
    ...(versions === undefined ? {} : { versions }),
    ...(k === undefined ? {} : { minimumGroupSize: wholeNumber(k, '--k') }),
    ...(epsilon === undefined ? {} : { epsilon }),
    ...(hours === undefined ? {} : { hours: positiveNumber(hours, '--hours') }),
  }
}
