/**
 * What a deployment may choose, as words of the command line or of the context in cdktf.json: `--location westeurope`.
 * Everything has a default, so that the stack can be looked at offline; the ids of zeros deploy nowhere.
 */
import { z } from 'zod'
import { deadlinesSetting, jsonVariable, limitsSetting } from '../../functions/party/settings.ts'
import { InputError } from '../../shared/base/errors.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { normalLocation, regionFacts } from '../locality/countries.ts'
import { type PartyProps, REPLICATIONS } from './props.ts'

const NOBODY = '00000000-0000-0000-0000-000000000000'

const number = (min: number, max: number) =>
  z
    .union([z.int(), z.string().regex(/^\d+$/, 'not a number').transform(Number)])
    .pipe(z.int().min(min).max(max))
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')])
const OCTET = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const range = (bits: string) =>
  z
    .string()
    .regex(new RegExp(`^(${OCTET}\\.){3}${OCTET}/${bits}$`), `not an IPv4 address range with /${bits}`)
const ranges = z
  .string()
  .transform(text => text.split(',').filter(one => one !== ''))
  .pipe(z.array(range('(?:[89]|[12]\\d|3[0-2])')))
  .default([])

const settingsSchema = z.strictObject({
  party: number(0, 2)
    .transform(party => party as PartyIndex)
    .default(1),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]{2,15}$/, 'not 3 to 16 lower-case letters and digits that begin with a letter')
    .optional(),
  'subscription-id': z.guid().default(NOBODY),
  'tenant-id': z.guid().default(NOBODY),
  location: z
    .string()
    .transform(normalLocation)
    .refine(
      location => regionFacts('azure', location) !== undefined,
      'not a location whose country is known here',
    )
    .default('germanywestcentral'),
  /** Where the federation lets this party stand; left out, anywhere in the EEA. The pair of the location counts too. */
  countries: z
    .string()
    .transform(text => text.split(','))
    .pipe(z.array(z.string().regex(/^[A-Z]{2}$/, 'not country codes of two capital letters')))
    .optional(),
  'resource-group': z
    .string()
    .regex(/^[\w.-]{0,89}[\w-]$/, 'not a name that a resource group may have')
    .optional(),
  replication: z
    .enum(REPLICATIONS, 'not LRS or ZRS: every other kind copies the data to a second region')
    .default('ZRS'),
  lanes: number(1, 64).default(8),
  network: z.enum(['private', 'public']).default('private'),
  'address-space': range('24').default('10.90.0.0/24'),
  peers: ranges,
  callers: ranges,
  deployers: ranges,
  'warm-fronts': number(0, 20).default(0),
  'instances-max': number(1, 1000).default(40),
  'log-days': number(30, 730).default(90),
  'vault-recovery-days': number(7, 90).default(30),
  'action-group': z
    .string()
    .regex(
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Insights\/actionGroups\/[^/]+$/i,
      'not the resource id of an action group',
    )
    .optional(),
  protected: flag.default(true),
  deadlines: jsonVariable(deadlinesSetting).optional(),
  limits: jsonVariable(limitsSetting).optional(),
  /** resource group/account/container */
  state: z
    .string()
    .regex(/^[\w.-]+\/[a-z0-9]{3,24}\/[a-z0-9-]{3,63}$/, 'not of the form resource-group/account/container')
    .optional(),
})

/** What may be set; all but `party` has the same meaning for every party. */
export const SETTINGS = Object.keys(settingsSchema.shape)

const wrong = (name: string, problem: string): InputError =>
  new InputError(`a setting of the deployment is wrong: ${problem}`, {
    where: `--${name}`,
    hint: 'docs/operating/deploy-azure.md lists the settings and what they may be.',
  })

/** Throws InputError, which names the setting. */
export const readSettings = (given: Readonly<Record<string, unknown>>): PartyProps => {
  const parsed = settingsSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  )
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const isUnknown = issue?.code === 'unrecognized_keys'
    throw wrong(
      String(isUnknown ? issue.keys[0] : issue?.path[0]),
      isUnknown ? 'there is no such setting' : String(issue?.message),
    )
  }
  const one = parsed.data
  if (one.network === 'public' && one.peers.length > 0)
    throw wrong('peers', 'only a private network can hold the party to its peers')
  const [resourceGroup, account, container] = one.state?.split('/') ?? []
  return {
    party: one.party,
    name: one.name ?? `triasparty${one.party}`,
    subscriptionId: one['subscription-id'],
    tenantId: one['tenant-id'],
    location: one.location,
    countries: one.countries ?? null,
    resourceGroup: one['resource-group'] ?? `trias-party-${one.party}`,
    replication: one.replication,
    lanes: one.lanes,
    network: one.network === 'private' ? { addressSpace: one['address-space'], peers: one.peers } : null,
    callers: one.callers,
    deployers: one.deployers,
    warmFronts: one['warm-fronts'],
    instancesMax: one['instances-max'],
    logDays: one['log-days'],
    vaultRecoveryDays: one['vault-recovery-days'],
    actionGroupId: one['action-group'] ?? null,
    isProtected: one.protected,
    settings: {
      ...(one.deadlines === undefined ? {} : { TRIAS_DEADLINES: JSON.stringify(one.deadlines) }),
      ...(one.limits === undefined ? {} : { TRIAS_LIMITS: JSON.stringify(one.limits) }),
    },
    state:
      resourceGroup === undefined || account === undefined || container === undefined
        ? null
        : { resourceGroup, account, container },
  }
}
