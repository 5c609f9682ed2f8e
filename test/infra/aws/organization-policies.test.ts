/** The two policies for whoever runs the organisation: what they say, that they fit, and that they know no other place. */
import { expect, test } from 'vitest'
import {
  type PolicyDocument,
  resourceControlPolicy,
  serviceControlPolicy,
} from '../../../infra/aws/organization-policies.ts'

const target = {
  partition: 'aws',
  region: 'eu-central-1',
  account: '111122223333',
  stackName: 'trias-party-0',
}
const service = serviceControlPolicy(target)
const resource = resourceControlPolicy(target)

/** What AWS Organizations takes, in characters, without the spaces between. */
const CHARACTERS_MAX = 5120

const statement = ({ Statement }: PolicyDocument, sid: string) => Statement.find(({ Sid }) => Sid === sid)

test('each fits, says only no, and has a name for each statement', () => {
  for (const policy of [service, resource]) {
    expect(JSON.stringify(policy).length).toBeLessThan(CHARACTERS_MAX)
    expect(policy.Statement.filter(({ Effect }) => Effect !== 'Deny')).toEqual([])
    for (const { Sid } of policy.Statement) expect(Sid).toMatch(/^[A-Za-z]+$/)
  }
})

test('everything that has a region happens in the one region', () => {
  expect(statement(service, 'OneRegion')).toMatchObject({
    NotAction: expect.not.arrayContaining(['dynamodb:*', 's3:*', 'kms:*']),
    Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-central-1'] } },
  })
})

test('what copies data elsewhere is denied without a condition', () => {
  const copies = statement(service, 'NoCopies')
  expect(copies?.Condition).toBeUndefined()
  expect(copies?.Resource).toBe('*')
  for (const action of [
    'dynamodb:CreateTableReplica',
    'dynamodb:CreateGlobalTable',
    'dynamodb:ExportTableToPointInTime',
    'kms:ReplicateKey',
    'secretsmanager:ReplicateSecretToRegions',
    'backup:StartCopyJob',
    'logs:PutSubscriptionFilter',
    's3:PutReplicationConfiguration',
    'account:EnableRegion',
  ])
    expect(copies?.Action).toContain(action)
  expect(statement(service, 'NoMultiRegionKeys')).toMatchObject({
    Action: ['kms:CreateKey'],
    Condition: { Bool: { 'kms:MultiRegion': 'true' } },
  })
})

test('run keys are in no backup, and roles stay under their boundary', () => {
  expect(statement(service, 'RunKeysInNoBackup')).toMatchObject({
    Action: expect.arrayContaining(['dynamodb:CreateBackup', 'dynamodb:UpdateContinuousBackups']),
    Resource: 'arn:aws:dynamodb:eu-central-1:111122223333:table/trias-party-0-TablesVolatile*',
  })
  expect(statement(service, 'RolesUnderTheirBoundary')).toMatchObject({
    Resource: 'arn:aws:iam::111122223333:role/trias/*',
    Condition: {
      StringNotEquals: {
        'iam:PermissionsBoundary': 'arn:aws:iam::111122223333:policy/trias/trias-party-0-boundary',
      },
    },
  })
})

test('others reach nothing of the account, and services of AWS do their work', () => {
  expect(statement(resource, 'OnlyThisAccount')).toMatchObject({
    Principal: '*',
    Action: expect.arrayContaining(['kms:*', 'sqs:*', 'secretsmanager:*', 's3:*']),
    Condition: {
      StringNotEqualsIfExists: { 'aws:PrincipalAccount': '111122223333' },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    },
  })
})

test('the sovereign cloud has a partition of its own', () => {
  const text = JSON.stringify(
    serviceControlPolicy({ ...target, partition: 'aws-eusc', region: 'eusc-de-east-1' }),
  )
  expect(text).toContain('"arn:aws-eusc:iam::111122223333:role/trias/*"')
  expect(text).not.toMatch(/arn:aws:|eu-central-1/)
})
