// biome-ignore-all lint/suspicious/noAssignInExpressions: a mutation is an assignment, and the table of them shall be read by line
/**
 * Deliberate violations of the stack that is really synthesized for AWS. Each is found by the rule that names it, once, and
 * by no other; the stack as it is has no finding.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkAwsTemplate, examineAwsAssembly } from '../../../infra/locality/aws.ts'
import { AWS_RULES } from '../../../infra/locality/aws-rules.ts'
import { checkDirectory, readTemplates } from '../../../infra/locality/directory.ts'
import { checkSeparation } from '../../../infra/locality/separation.ts'
import { readJson, synthesizeAws, type Template } from './synthesized.ts'

const home = { region: 'eu-central-1', accountId: '000000000000' }
let directory: string
let template: Template
let manifest: Template

beforeAll(() => {
  directory = synthesizeAws()
  template = readJson(directory, 'trias-party-0.template.json')
  manifest = readJson(directory, 'manifest.json')
})
afterAll(() => rmSync(directory, { recursive: true }))

const first = (
  t: Template,
  type: string,
  where: (properties: Template) => boolean = () => true,
): Template => {
  const found = Object.values(t.Resources as Template).find(
    one => one.Type === `AWS::${type}` && where(one.Properties ?? {}),
  )
  if (found === undefined) throw new Error(`the stack has no ${type}`)
  return found.Properties
}
const add =
  (type: string, properties: Template = {}) =>
  (t: Template): void => {
    t.Resources.Added = { Type: type, Properties: properties }
  }
const durable = (t: Template): Template =>
  first(t, 'DynamoDB::Table', p => p.TimeToLiveSpecification === undefined)
const volatile = (t: Template): Template =>
  first(t, 'DynamoDB::Table', p => p.TimeToLiveSpecification !== undefined)
const lambda = (t: Template): Template => first(t, 'Lambda::Function')
const boundary = (t: Template): Template => first(t, 'IAM::ManagedPolicy')
const arn = (region: string, account: string, rest = 'sqs', name = 'x') => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:${rest}:${region}:${account}:${name}`]],
})
const OWN = '000000000000'

const MUTATIONS: readonly (readonly [name: string, rule: string, mutate: (t: Template) => void])[] = [
  [
    'a global table',
    'AWS-TABLE-REPLICA',
    add('AWS::DynamoDB::GlobalTable', { Replicas: [{ Region: 'eu-west-1' }] }),
  ],
  [
    'replicas by a custom resource',
    'AWS-TABLE-REPLICA',
    add('Custom::DynamoDBReplica', { Region: 'eu-west-1' }),
  ],
  ['a replica key', 'AWS-KEY-REPLICA', add('AWS::KMS::ReplicaKey')],
  ['a writer across regions', 'AWS-CROSS-REGION-REFERENCE', add('Custom::CrossRegionExportWriter')],
  ['a reader across regions', 'AWS-CROSS-REGION-REFERENCE', add('Custom::CrossRegionExportReader')],
  ['a custom resource', 'AWS-CUSTOM-RESOURCE', add('Custom::Anything')],
  ['a custom resource of CloudFormation', 'AWS-CUSTOM-RESOURCE', add('AWS::CloudFormation::CustomResource')],
  ['a nested stack', 'AWS-NESTED-STACK', add('AWS::CloudFormation::Stack')],
  ['a stack set', 'AWS-NESTED-STACK', add('AWS::CloudFormation::StackSet')],
  [
    'a backup copy',
    'AWS-BACKUP-COPY',
    add('AWS::Backup::BackupPlan', { CopyActions: [{ Destination: 'eu-west-1' }] }),
  ],
  ['a distribution', 'AWS-EDGE', add('AWS::CloudFront::Distribution')],
  ['a log export', 'AWS-LOG-EXPORT', add('AWS::Logs::SubscriptionFilter')],
  [
    'a centralisation of logs',
    'AWS-LOG-EXPORT',
    add('AWS::ObservabilityAdmin::OrganizationCentralizationRule'),
  ],
  ['a metric stream', 'AWS-LOG-EXPORT', add('AWS::CloudWatch::MetricStream')],
  ['a replicating bucket', 'AWS-BUCKET', add('AWS::S3::Bucket', { ReplicationConfiguration: {} })],
  ['a replicating registry', 'AWS-IMAGE-REPLICATION', add('AWS::ECR::ReplicationConfiguration')],
  ['an access key', 'AWS-LONG-LIVED-CREDENTIAL', add('AWS::IAM::AccessKey')],
  ['an identity provider for a pipeline', 'AWS-LONG-LIVED-CREDENTIAL', add('AWS::IAM::OIDCProvider')],
  ['telemetry of the CDK', 'AWS-TELEMETRY-OF-TOOL', add('AWS::CDK::Metadata')],
  ['a type nobody thought about', 'AWS-TYPE', add('AWS::Future::Thing')],
  ['a peering of networks', 'AWS-TYPE', add('AWS::EC2::VPCPeeringConnection')],
  ['a macro', 'AWS-FORMAT', t => void (t.Transform = 'AWS::Serverless-2016-10-31')],
  ['no resources', 'AWS-FORMAT', t => void Object.assign(t, { Resources: {}, Outputs: {} })],
  ['a table without the operator’s key', 'AWS-TABLE-KEY', t => void delete durable(t).SSESpecification],
  [
    'a table under a literal key',
    'AWS-TABLE-KEY',
    t => void (durable(t).SSESpecification.KMSMasterKeyId = 'alias/aws/dynamodb'),
  ],
  [
    'a stream of a table',
    'AWS-TABLE-STREAM',
    t => void (durable(t).StreamSpecification = { StreamViewType: 'NEW_IMAGE' }),
  ],
  [
    'a Kinesis stream of a table',
    'AWS-TABLE-KINESIS',
    t => void (durable(t).KinesisStreamSpecification = { StreamArn: 'x' }),
  ],
  [
    'a table that begins with a bucket',
    'AWS-TABLE-IMPORT',
    t => void (durable(t).ImportSourceSpecification = {}),
  ],
  [
    'run keys in a backup',
    'AWS-TABLE-KEEPING',
    t =>
      void (volatile(t).PointInTimeRecoverySpecification = {
        PointInTimeRecoveryEnabled: true,
        RecoveryPeriodInDays: 7,
      }),
  ],
  [
    'a recovery window nobody declared',
    'AWS-TABLE-KEEPING',
    t => void delete durable(t).PointInTimeRecoverySpecification.RecoveryPeriodInDays,
  ],
  [
    'records that nothing forgets',
    'AWS-TABLE-KEEPING',
    t => void (volatile(t).TimeToLiveSpecification.Enabled = false),
  ],
  ['a table open to administrators', 'AWS-TABLE-POLICY', t => void delete durable(t).ResourcePolicy],
  [
    'a table that spares a literal principal',
    'AWS-TABLE-POLICY',
    t =>
      void durable(t).ResourcePolicy.PolicyDocument.Statement[0].Condition.ArnNotEquals[
        'aws:PrincipalArn'
      ].push('*'),
  ],
  ['a multi-Region key', 'AWS-KEY-MULTI-REGION', t => void (first(t, 'KMS::Key').MultiRegion = true)],
  [
    'a queue under a key of AWS',
    'AWS-QUEUE-KEY',
    t => void (first(t, 'SQS::Queue').KmsMasterKeyId = 'alias/aws/sqs'),
  ],
  ['a queue without a key', 'AWS-QUEUE-KEY', t => void delete first(t, 'SQS::Queue').KmsMasterKeyId],
  [
    'a queue that keeps for a default time',
    'AWS-QUEUE-KEEPING',
    t => void delete first(t, 'SQS::Queue').MessageRetentionPeriod,
  ],
  [
    'dead letters elsewhere',
    'AWS-QUEUE-DEAD-LETTERS',
    t =>
      void (first(t, 'SQS::Queue', p => p.RedrivePolicy !== undefined).RedrivePolicy.deadLetterTargetArn =
        arn('eu-west-1', OWN)),
  ],
  [
    'a queue without TLS',
    'AWS-QUEUE-TLS',
    t => void first(t, 'SQS::QueuePolicy').PolicyDocument.Statement.shift(),
  ],
  ['settings under a key of AWS', 'AWS-FUNCTION-KEY', t => void delete lambda(t).KmsKeyArn],
  ['a function that logs anywhere', 'AWS-FUNCTION-LOG', t => void delete lambda(t).LoggingConfig],
  [
    'a telemetry layer',
    'AWS-FUNCTION-LAYER',
    t => void (lambda(t).Layers = [arn('eu-central-1', '580247275435', 'lambda', 'layer:x')]),
  ],
  [
    'code from a registry',
    'AWS-FUNCTION-IMAGE',
    t => void (lambda(t).Code.ImageUri = '999999999999.dkr.ecr.eu-west-1.amazonaws.com/x'),
  ],
  [
    'telemetry to somebody',
    'AWS-TELEMETRY',
    t => void (lambda(t).Environment.Variables.OTEL_EXPORTER_OTLP_ENDPOINT = 'https://telemetry.example'),
  ],
  [
    'a shared CI principal',
    'AWS-ROLE-TRUST',
    t =>
      void (first(t, 'IAM::Role').AssumeRolePolicyDocument.Statement[0].Principal = {
        Federated: 'token.actions.githubusercontent.com',
      }),
  ],
  [
    'trust in another account',
    'AWS-ROLE-TRUST',
    t =>
      void (first(t, 'IAM::Role').AssumeRolePolicyDocument.Statement[0].Principal = {
        AWS: arn('', '999999999999', 'iam', 'root'),
      }),
  ],
  [
    'Lambda@Edge',
    'AWS-ROLE-TRUST',
    t =>
      void (first(t, 'IAM::Role').AssumeRolePolicyDocument.Statement[0].Principal = {
        Service: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'],
      }),
  ],
  [
    'a role without its boundary',
    'AWS-ROLE-BOUNDARY',
    t => void delete first(t, 'IAM::Role').PermissionsBoundary,
  ],
  [
    'a boundary without its region',
    'AWS-BOUNDARY-REGION',
    t =>
      void (boundary(t).PolicyDocument.Statement = boundary(t).PolicyDocument.Statement.filter(
        (s: Template) => s.Effect !== 'Deny',
      )),
  ],
  [
    'a boundary with two regions',
    'AWS-BOUNDARY-REGION',
    t =>
      void (boundary(t).PolicyDocument.Statement.find(
        (s: Template) => s.Effect === 'Deny',
      ).Condition.StringNotEquals['aws:RequestedRegion'] = ['eu-central-1', 'eu-west-1']),
  ],
  ['logs for ever', 'AWS-LOG-KEEPING', t => void delete first(t, 'Logs::LogGroup').RetentionInDays],
  ['logs under a key of AWS', 'AWS-LOG-KEY', t => void delete first(t, 'Logs::LogGroup').KmsKeyId],
  [
    'a secret replica',
    'AWS-SECRET-REPLICA',
    t => void (first(t, 'SecretsManager::Secret').ReplicaRegions = [{ Region: 'eu-west-1' }]),
  ],
  [
    'a secret under a key of AWS',
    'AWS-SECRET-KEY',
    t => void delete first(t, 'SecretsManager::Secret').KmsKeyId,
  ],
  [
    'seeds in the template',
    'AWS-SECRET-VALUE',
    t => void (first(t, 'SecretsManager::Secret').SecretString = 'seed'),
  ],
  [
    'a queue for everybody',
    'AWS-PUBLIC',
    t =>
      void first(t, 'SQS::QueuePolicy').PolicyDocument.Statement.push({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sqs:*',
        Resource: '*',
      }),
  ],
  [
    'a public table',
    'AWS-PUBLIC',
    t =>
      void durable(t).ResourcePolicy.PolicyDocument.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: '*',
        Resource: '*',
      }),
  ],
  [
    'a function that everybody may call',
    'AWS-PUBLIC',
    add('AWS::Lambda::Permission', { Principal: '*', Action: 'lambda:InvokeFunction' }),
  ],
  [
    'London, which is named eu',
    'AWS-FOREIGN-REGION',
    t => void (lambda(t).Environment.Variables.TRIAS_OTHER = 'eu-west-2'),
  ],
  [
    'a foreign ARN',
    'AWS-FOREIGN-REGION',
    t => void (lambda(t).DeadLetterConfig = { TargetArn: arn('us-east-1', OWN) }),
  ],
  [
    'a region in two pieces',
    'AWS-FOREIGN-REGION',
    t => void (lambda(t).Description = { 'Fn::Join': ['', ['eu-', 'west-1']] }),
  ],
  [
    'a region that is filled in',
    'AWS-FOREIGN-REGION',
    t => void (lambda(t).Description = { 'Fn::Sub': ['$' + '{a}-west-1', { a: 'eu' }] }),
  ],
  [
    'a region as a name of a member',
    'AWS-FOREIGN-REGION',
    t => void (lambda(t).Tags = [{ 'eu-west-3': 'x' }]),
  ],
  ['a region in an output', 'AWS-FOREIGN-REGION', t => void (t.Outputs.Other = { Value: 'eu-north-1' })],
  [
    'another account',
    'AWS-FOREIGN-ACCOUNT',
    t => void (lambda(t).DeadLetterConfig = { TargetArn: arn('eu-central-1', '999999999999') }),
  ],
  [
    'another account in a policy of a key',
    'AWS-FOREIGN-ACCOUNT',
    t =>
      void first(t, 'KMS::Key').KeyPolicy.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: '999999999999' },
        Action: 'kms:*',
        Resource: '*',
      }),
  ],
  [
    'a literal partition',
    'AWS-PARTITION',
    t => void (lambda(t).DeadLetterConfig = { TargetArn: `arn:aws:sqs:eu-central-1:${OWN}:x` }),
  ],
  [
    'a literal endpoint',
    'AWS-PARTITION',
    t => void (lambda(t).Environment.Variables.TRIAS_URL = 'https://sqs.eu-central-1.amazonaws.com'),
  ],
  [
    'a region that deployment decides',
    'AWS-UNRESOLVED',
    t => void (lambda(t).Description = { Ref: 'AWS::Region' }),
  ],
  ['a value of a parameter', 'AWS-UNRESOLVED', t => void (lambda(t).Description = { Ref: 'Somewhere' })],
  [
    'a value of another stack',
    'AWS-UNRESOLVED',
    t => void (lambda(t).Description = { 'Fn::ImportValue': 'x' }),
  ],
  [
    'a value of the parameter store',
    'AWS-UNRESOLVED',
    t => void (lambda(t).Description = '{{resolve:ssm:x}}'),
  ],
  [
    'a person in a tag',
    'AWS-NAME',
    t => void (lambda(t).Tags = [{ Key: 'owner', Value: 'jane.doe@example.org' }]),
  ],
]

test('the stack as it is has no finding, and every rule but those of an empty kind looked at something', async () => {
  expect(checkAwsTemplate(template, home)).toEqual([])
  expect(await checkDirectory(directory, { provider: 'aws', region: 'eu-central-1' })).toEqual([])
})

test.each(MUTATIONS)('%s: %s', (_, rule, mutate) => {
  const mutated = structuredClone(template)
  mutate(mutated)
  const found = checkAwsTemplate(mutated, home).map(finding => finding.rule)
  expect(found).toEqual([rule])
})

test('every rule has a violation of its own', () => {
  const named = new Set([...MUTATIONS.map(([, rule]) => rule), 'HOME-COUNTRY', 'AWS-TABLE-VOLATILE'])
  expect(AWS_RULES.map(({ id }) => id).filter(id => !named.has(id))).toEqual([])
})

test('a stack whose every table is in a backup has nowhere to destroy run keys', () => {
  const mutated = structuredClone(template)
  const table = volatile(mutated)
  delete table.TimeToLiveSpecification
  table.PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 }
  expect(checkAwsTemplate(mutated, home).map(({ rule }) => rule)).toEqual(['AWS-TABLE-VOLATILE'])
})

test('London and Zurich are not in the EEA although they are named eu', () => {
  for (const region of ['eu-west-2', 'eu-central-2', 'eu-nowhere-1'])
    expect(
      checkAwsTemplate({ Resources: { Key: { Type: 'AWS::KMS::Alias' } } }, { region }).map(
        ({ rule }) => rule,
      ),
    ).toEqual(['HOME-COUNTRY'])
  expect(
    checkAwsTemplate(
      { Resources: { Key: { Type: 'AWS::KMS::Alias' } } },
      { region: 'eu-central-2', countries: ['CH'] },
    ),
  ).toEqual([])
})

test.each([
  ['no region', 'aws://000000000000/unknown-region'],
  ['London', 'aws://000000000000/eu-west-2'],
  ['another account', 'aws://999999999999/eu-central-1'],
  ['no account', 'aws://unknown-account/eu-central-1'],
])('a stack bound to %s', (_, environment) => {
  const mutated = structuredClone(manifest)
  mutated.artifacts['trias-party-0'].environment = environment
  expect(examineAwsAssembly(mutated, home).findings.map(({ rule }) => rule)).toEqual(['AWS-STACK-REGION'])
})

test('a template that was left to a look-up', () => {
  const mutated = { ...structuredClone(manifest), missing: [{ key: 'vpc' }] }
  expect(examineAwsAssembly(mutated, home).findings.map(({ rule }) => rule)).toEqual(['AWS-MISSING-CONTEXT'])
})

test('a directory of another provider, an empty one and one that cannot be read are findings', async () => {
  const rules = async (path: string, provider: 'aws' | 'azure') =>
    new Set(
      (
        await checkDirectory(path, { provider, region: provider === 'aws' ? 'eu-central-1' : 'westeurope' })
      ).map(({ rule }) => rule),
    )
  expect(await rules(directory, 'azure')).toEqual(new Set(['DIR-PROVIDER']))
  expect(await rules(join(directory, 'organization'), 'aws')).toEqual(new Set(['DIR-EMPTY']))
  await expect(rules(join(directory, 'none'), 'aws')).rejects.toThrow('no such directory')
})

test('two parties in one account share it, and nothing else is said of the same stack twice', async () => {
  const documents = await readTemplates(directory)
  expect(
    checkSeparation([
      { party: 'party 0', documents },
      { party: 'party 1', documents },
    ]).map(({ rule, found }) => [rule, found]),
  ).toEqual([['SEP-ACCOUNT', '000000000000, named by party 0 and party 1']])
})
