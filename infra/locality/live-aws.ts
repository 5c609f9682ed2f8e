/**
 * What AWS itself says of a party, read with the operator's credentials: the template that is deployed, and each table,
 * queue and secret as it is now. Reads only: DescribeTable, GetQueueAttributes, DescribeSecret, DescribeKey, GetTemplate,
 * ListStackResources. That a resource is in a region is a statement of the provider; the evidence says so.
 */
import {
  CloudFormationClient,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation'
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { Unavailable } from '../../shared/base/errors.ts'
import { examineAwsTemplate } from './aws.ts'
import { AWS_RULES } from './aws-rules.ts'
import type { DirectoryReport } from './directory.ts'
import { type Home, homeCountry } from './home.ts'
import { at, listOf, shown } from './json.ts'
import { SECURITY, TRANSFER } from './law.ts'
import { type Examination, examine, type Path, type Rule, type RuleText, together } from './rule.ts'

export interface LiveTargets {
  readonly stack?: string
  readonly tables: readonly string[]
  readonly queues: readonly string[]
  readonly secrets: readonly string[]
}

/** Endpoints of emulators; left out, those of the region. */
interface Endpoints {
  readonly dynamoDb?: string
  readonly sqs?: string
  readonly secrets?: string
  readonly kms?: string
  readonly cloudFormation?: string
}

export interface LiveResource {
  readonly kind: 'table' | 'queue' | 'secret' | 'key'
  readonly name: string
  /** As the service answered. */
  readonly answer: unknown
}

interface Live {
  readonly home: Home
  readonly resources: readonly LiveResource[]
}

const ARN_AT: Readonly<Record<LiveResource['kind'], string>> = {
  table: 'TableArn',
  queue: 'QueueArn',
  secret: 'ARN',
  key: 'Arn',
}

const live = (
  text: RuleText,
  kind: LiveResource['kind'],
  judge: (answer: unknown) => readonly [holds: boolean, found: unknown],
): Rule<Live> => ({
  ...text,
  *look({ resources }) {
    for (const [index, resource] of resources.entries()) {
      if (resource.kind !== kind) continue
      const [holds, found] = judge(resource.answer)
      yield { path: [index, text.id], holds, found: shown(found) }
    }
  },
})

export const LIVE_AWS_RULES: readonly Rule<Live>[] = [
  homeCountry as unknown as Rule<Live>,
  {
    id: 'LIVE-REGION',
    proves: 'AWS says that every table, queue, secret and key is in the home region and account',
    expected: 'an ARN of the home region',
    law: TRANSFER,
    *look({ resources, home }) {
      for (const [index, { kind, answer }] of resources.entries()) {
        const arn = String(at(answer, ARN_AT[kind]))
        const [, , , region, account] = arn.split(':')
        yield {
          path: [index, 'arn'],
          holds: region === home.region && (home.accountId === undefined || account === home.accountId),
          found: arn,
        }
      }
    },
  },
  live(
    {
      id: 'LIVE-TABLE-REPLICA',
      proves: 'No table has a replica or a witness',
      expected: 'none',
      law: TRANSFER,
    },
    'table',
    answer => {
      const replicas = [...listOf(at(answer, 'Replicas')), ...listOf(at(answer, 'GlobalTableWitnesses'))]
      return [replicas.length === 0, replicas]
    },
  ),
  live(
    {
      id: 'LIVE-TABLE-STREAM',
      proves: 'Changes of tables flow to nobody',
      expected: 'no stream',
      law: TRANSFER,
    },
    'table',
    answer => [
      at(answer, 'StreamSpecification', 'StreamEnabled') !== true,
      at(answer, 'StreamSpecification'),
    ],
  ),
  live(
    { id: 'LIVE-TABLE-KEY', proves: 'Tables are under a key of KMS', expected: 'SSEType KMS', law: SECURITY },
    'table',
    answer => [at(answer, 'SSEDescription', 'SSEType') === 'KMS', at(answer, 'SSEDescription')],
  ),
  live(
    { id: 'LIVE-QUEUE-KEY', proves: 'Queues are under a key of KMS', expected: 'a key', law: SECURITY },
    'queue',
    answer => [
      typeof at(answer, 'KmsMasterKeyId') === 'string' &&
        !String(at(answer, 'KmsMasterKeyId')).includes('alias/aws/'),
      at(answer, 'KmsMasterKeyId'),
    ],
  ),
  live(
    {
      id: 'LIVE-QUEUE-TLS',
      proves: 'Queues are reached by TLS only',
      expected: 'a Deny without TLS',
      law: SECURITY,
    },
    'queue',
    answer => {
      const policy = String(at(answer, 'Policy') ?? '')
      return [/"Deny"/.test(policy) && /aws:SecureTransport/.test(policy), policy || undefined]
    },
  ),
  live(
    {
      id: 'LIVE-SECRET-REPLICA',
      proves: 'The keys of the party exist in one region',
      expected: 'none',
      law: TRANSFER,
    },
    'secret',
    answer => {
      const replicas = listOf(at(answer, 'ReplicationStatus'))
      return [replicas.length === 0, replicas]
    },
  ),
  live(
    {
      id: 'LIVE-SECRET-KEY',
      proves: 'The secret is under the operator’s key',
      expected: 'a key',
      law: SECURITY,
    },
    'secret',
    answer => [
      at(answer, 'KmsKeyId') !== undefined && !String(at(answer, 'KmsKeyId')).includes('alias/aws/'),
      at(answer, 'KmsKeyId'),
    ],
  ),
  live(
    {
      id: 'LIVE-KEY-MULTI-REGION',
      proves: 'No key can be copied to another region',
      expected: 'false',
      law: TRANSFER,
    },
    'key',
    answer => [at(answer, 'MultiRegion') === false, at(answer, 'MultiRegion')],
  ),
  live(
    {
      id: 'LIVE-KEY-MANAGER',
      proves: 'Keys are the operator’s and not the provider’s',
      expected: 'CUSTOMER',
      law: SECURITY,
    },
    'key',
    answer => [at(answer, 'KeyManager') === 'CUSTOMER', at(answer, 'KeyManager')],
  ),
]

/** Pure: what the answers of the services amount to. */
export const examineLiveResources = (resources: readonly LiveResource[], home: Home): Examination =>
  examine(LIVE_AWS_RULES, { resources, home }, (path: Path) => {
    const [index, ...rest] = path
    const resource = typeof index === 'number' ? resources[index] : undefined
    return resource === undefined ? path.join('.') : `${resource.kind} ${resource.name} ${rest.join('.')}`
  })

const KIND_OF_TYPE: Readonly<Record<string, LiveResource['kind']>> = {
  'AWS::DynamoDB::Table': 'table',
  'AWS::SQS::Queue': 'queue',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::KMS::Key': 'key',
}

/** Throws Unavailable when the provider does not answer or refuses. */
export const examineLiveAws = async (
  targets: LiveTargets,
  home: Home,
  endpoints: Endpoints = {},
): Promise<DirectoryReport> => {
  const common = (endpoint: string | undefined) => ({
    region: home.region,
    ...(endpoint === undefined ? {} : { endpoint }),
  })
  const cloudFormation = new CloudFormationClient(common(endpoints.cloudFormation))
  const dynamoDb = new DynamoDBClient(common(endpoints.dynamoDb))
  const sqs = new SQSClient(common(endpoints.sqs))
  const secrets = new SecretsManagerClient(common(endpoints.secrets))
  const kms = new KMSClient(common(endpoints.kms))
  const ask = {
    table: async (name: string): Promise<unknown> =>
      (await dynamoDb.send(new DescribeTableCommand({ TableName: name }))).Table,
    queue: async (url: string): Promise<unknown> =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))).Attributes,
    secret: async (id: string): Promise<unknown> => secrets.send(new DescribeSecretCommand({ SecretId: id })),
    key: async (id: string): Promise<unknown> =>
      (await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata,
  }
  const examineStack = async (
    stack: string,
  ): Promise<{ part: Examination; found: [LiveResource['kind'], string][] }> => {
    const { TemplateBody = '' } = await cloudFormation.send(
      new GetTemplateCommand({ StackName: stack, TemplateStage: 'Processed' }),
    )
    const { region, countries, accountId } = home
    const part = examineAwsTemplate(
      JSON.parse(TemplateBody),
      {
        region,
        ...(countries === undefined ? {} : { countries }),
        ...(accountId === undefined ? {} : { accountId }),
      },
      `stack ${stack}`,
    )
    const found: [LiveResource['kind'], string][] = []
    for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName: stack }))
      for (const { ResourceType = '', PhysicalResourceId = '' } of page.StackResourceSummaries ?? []) {
        const kind = KIND_OF_TYPE[ResourceType]
        if (kind !== undefined) found.push([kind, PhysicalResourceId])
      }
    return { part, found }
  }
  try {
    const deployed = targets.stack === undefined ? undefined : await examineStack(targets.stack)
    const wanted: readonly (readonly [LiveResource['kind'], string])[] = [
      ...(deployed?.found ?? []),
      ...targets.tables.map(name => ['table', name] as const),
      ...targets.queues.map(url => ['queue', url] as const),
      ...targets.secrets.map(id => ['secret', id] as const),
    ]
    const resources: LiveResource[] = []
    for (const [kind, name] of wanted) resources.push({ kind, name, answer: await ask[kind](name) })
    const examined = examineLiveResources(resources, home)
    return {
      ...together(deployed === undefined ? [examined] : [deployed.part, examined]),
      files: [],
      rules: deployed === undefined ? LIVE_AWS_RULES : [...AWS_RULES, ...LIVE_AWS_RULES.slice(1)],
    }
  } catch (cause) {
    throw new Unavailable(
      `AWS did not say what is there: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  } finally {
    for (const client of [cloudFormation, dynamoDb, sqs, secrets, kms]) client.destroy()
  }
}
