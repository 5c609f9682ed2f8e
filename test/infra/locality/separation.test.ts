/** No two of three stacks may share somebody; each kind of sharing is named by its rule, once. */
import { expect, test } from 'vitest'
import { checkSeparation, SEPARATION_RULES } from '../../../infra/locality/separation.ts'

const aws = (properties: object) => ({ Resources: { R: { Type: 'AWS::X::Y', Properties: properties } } })
const azure = (type: string, body: object) => ({ resource: { [`azurerm_${type}`]: { R: body } } })
const compose = (service: object) => ({ services: { party: service } })
const GUID = '11111111-2222-3333-4444-555555555555'
const SUBJECT = 'repo:org/deploy:ref:refs/heads/main'

const rulesOf = (...documents: readonly (object | undefined)[]): readonly string[] =>
  checkSeparation(
    documents.map((document, index) => ({
      party: `party ${index}`,
      documents: document === undefined ? [] : [document],
    })),
  ).map(({ rule }) => rule)

const SHARED: readonly (readonly [string, string, object, object])[] = [
  [
    'a pipeline that deploys two clouds',
    'SEP-PIPELINE',
    aws({ Condition: { StringEquals: { 'token.actions.githubusercontent.com:sub': SUBJECT } } }),
    azure('federated_identity_credential', { subject: SUBJECT }),
  ],
  [
    'a key of AWS, and its account once with it',
    'SEP-KEY',
    aws({ KmsKeyId: 'arn:aws:kms:eu-central-1:111111111111:key/abc' }),
    aws({ KmsKeyId: 'arn:aws:kms:eu-central-1:111111111111:key/abc' }),
  ],
  [
    'a vault',
    'SEP-KEY',
    azure('linux_function_app', { app_settings: { A: 'https://one.vault.azure.net' } }),
    compose({ environment: { A: 'https://one.vault.azure.net/keys/x' } }),
  ],
  [
    'a registry',
    'SEP-REGISTRY',
    compose({ image: 'registry.example.org/party@sha256:1' }),
    compose({ image: 'registry.example.org/other@sha256:2' }),
  ],
  ['a public registry', 'SEP-REGISTRY', compose({ image: 'postgres:18' }), compose({ image: 'trias:1' })],
  [
    'a collector of telemetry',
    'SEP-LOG-READER',
    aws({ Environment: { Variables: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://logs.example' } } }),
    compose({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://logs.example' } }),
  ],
  [
    'a reader of alarms',
    'SEP-LOG-READER',
    azure('monitor_action_group', { email_receiver: [{ email_address: 'ops@example.org' }] }),
    azure('monitor_action_group', { email_receiver: [{ email_address: 'OPS@example.org' }] }),
  ],
  [
    'a person with rights',
    'SEP-PRINCIPAL',
    azure('role_assignment', { principal_id: GUID }),
    azure('role_assignment', { principal_id: GUID }),
  ],
  [
    'a role',
    'SEP-PRINCIPAL',
    aws({ Principal: { AWS: 'arn:aws:iam::111111111111:role/admin' } }),
    aws({ Principal: { AWS: 'arn:aws:iam::111111111111:role/admin' } }),
  ],
  [
    'an account',
    'SEP-ACCOUNT',
    aws({ A: 'arn:aws:sqs:eu-central-1:111111111111:x' }),
    aws({ B: '111111111111' }),
  ],
  [
    'a tenant',
    'SEP-ACCOUNT',
    azure('key_vault', { tenant_id: GUID }),
    azure('key_vault', { tenant_id: GUID }),
  ],
  [
    'something inside an ARM template',
    'SEP-ACCOUNT',
    azure('resource_group_template_deployment', {
      template_content: JSON.stringify({ resources: [{ scope: `/subscriptions/${GUID}` }] }),
    }),
    azure('key_vault', { tenant_id: GUID }),
  ],
]

test.each(SHARED)('%s: %s', (_, rule, one, other) => {
  expect(rulesOf(one, other)).toEqual([rule])
  expect(rulesOf(one, undefined, other)).toEqual([rule])
  // What one party names twice is its own.
  expect(rulesOf(one)).toEqual([])
})

test('every rule has a violation, and three parties with nobody in common have none', () => {
  expect(SEPARATION_RULES.map(({ id }) => id).filter(id => !SHARED.some(([, rule]) => rule === id))).toEqual(
    [],
  )
  expect(
    rulesOf(
      aws({ A: 'arn:aws:sqs:eu-central-1:111111111111:x' }),
      azure('key_vault', { tenant_id: GUID }),
      compose({ image: 'registry.example.org/party@sha256:1' }),
    ),
  ).toEqual([])
})
