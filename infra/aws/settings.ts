/** What a deployment may choose, from the context of the CDK: `-c name=value`. Everything has a default but the account. */
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { RegionInfo } from 'aws-cdk-lib/region-info'
import { z } from 'zod'
import { deadlinesSetting, jsonVariable, limitsSetting } from '../../functions/party/settings.ts'
import { InputError } from '../../shared/base/errors.ts'
import { stackNameOf } from './names.ts'
import type { PartyStackProps } from './party-stack.ts'

/** The template is written for these two: in others, services of the party are missing or untried. */
const PARTITIONS = ['aws', 'aws-eusc']

const number = (min: number, max: number) =>
  z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(min).max(max))
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')])
const host = z
  .string()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, 'not a host name')

const settingsSchema = z.strictObject({
  /** Twelve digits. The default deploys nowhere, and is enough to look at the template. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'not twelve digits')
    .default('000000000000'),
  region: z
    .string()
    .refine(
      region => PARTITIONS.includes(RegionInfo.get(region).partition ?? ''),
      `not a region of ${PARTITIONS.join(' or ')} that this release of the CDK knows`,
    )
    .default('eu-central-1'),
  /** Where the party may stand, as two capital letters each with commas between; left out, in the EEA. */
  countries: z
    .string()
    .regex(/^[A-Z]{2}(,[A-Z]{2})*$/, 'not countries of two capital letters with commas between')
    .transform(text => text.split(','))
    .optional(),
  party: number(0, 2)
    .transform(party => party as 0 | 1 | 2)
    .default(0),
  auth: z.enum(['NONE', 'AWS_IAM']).default('NONE'),
  /** Two peers post four parts at a time, and members ask beside that. */
  frontConcurrency: number(8, 1000).default(10),
  lanes: number(2, 64).default(8),
  /** Days. */
  pointInTimeRecovery: number(1, 35).default(7),
  /** Days; CloudWatch knows certain numbers only. */
  logRetention: number(1, 3653)
    .refine(
      days => RetentionDays[days] !== undefined,
      'not a number of days that CloudWatch Logs offers, such as 90, 180, 365 or 731',
    )
    .default(365),
  /** `reads,writes`, units a second. */
  warmThroughput: z
    .string()
    .regex(/^\d+,\d+$/, 'not of the form reads,writes')
    .transform(text => text.split(',').map(Number) as [number, number])
    .optional(),
  /** A table that was restored from a point in time, until CloudFormation has imported it. */
  restoredTable: z.string().optional(),
  /** Host names of the two peers, with a comma between: a private network that lets nothing else out. */
  peers: z
    .string()
    .transform(text => text.split(','))
    .pipe(z.array(host).length(2, 'not two host names with a comma between'))
    .optional(),
  zones: number(1, 2)
    .transform(zones => zones as 1 | 2)
    .default(1),
  cidr: z
    .string()
    .regex(/^(\d{1,3}\.){3}\d{1,3}\/22$/, 'not an address range of the size /22')
    .default('10.80.0.0/22'),
  deadlines: jsonVariable(deadlinesSetting).optional(),
  limits: jsonVariable(limitsSetting).optional(),
  /** Any text; another one than before makes Lambda start new instances, which read the secret again. */
  restart: z.string().max(64).optional(),
  retire: flag.default(false),
})

/** Names that `-c` may set; all other context is the CDK's own. */
export const SETTINGS = Object.keys(settingsSchema.shape)

/** Throws InputError, which names the setting. */
export const readSettings = (
  context: Readonly<Record<string, unknown>>,
): Omit<PartyStackProps, 'packageDirectory'> & { readonly countries?: readonly string[] } => {
  const given = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined))
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : '')
    throw new InputError(`a setting of the deployment is wrong: ${issue?.message}`, {
      where: `-c ${name}`,
      hint: 'docs/operating/deploy-aws.md lists the settings and what they may be.',
    })
  }
  const { account, region, party, auth, frontConcurrency, lanes, warmThroughput, peers, ...rest } =
    parsed.data
  if (rest.restoredTable?.startsWith(`${stackNameOf(party)}-`) === false)
    throw new InputError('the restored table has a name that the functions of this party may not use', {
      where: '-c restoredTable',
      hint: `Restore into a table whose name begins with ${stackNameOf(party)}-`,
    })
  const environment = {
    ...(rest.deadlines === undefined ? {} : { TRIAS_DEADLINES: JSON.stringify(rest.deadlines) }),
    ...(rest.limits === undefined ? {} : { TRIAS_LIMITS: JSON.stringify(rest.limits) }),
    ...(rest.restart === undefined ? {} : { RESTART: rest.restart }),
  }
  return {
    account,
    region,
    party,
    urlAuth: auth,
    frontConcurrency,
    lanes,
    pointInTimeRecoveryDays: rest.pointInTimeRecovery,
    logRetention: rest.logRetention,
    environment,
    retire: rest.retire,
    ...(warmThroughput === undefined
      ? {}
      : {
          warmThroughput: { readUnitsPerSecond: warmThroughput[0], writeUnitsPerSecond: warmThroughput[1] },
        }),
    ...(rest.countries === undefined ? {} : { countries: rest.countries }),
    ...(rest.restoredTable === undefined ? {} : { restoredTable: rest.restoredTable }),
    ...(peers === undefined ? {} : { network: { peerHosts: peers, zones: rest.zones, cidr: rest.cidr } }),
  }
}
