/**
 * Two policies for whoever runs the organisation that the account of the party is in. They hold where the stack cannot: no
 * administrator of the account can go round them. A service control policy bounds what this account's principals do; a
 * resource control policy bounds what others do to this account's resources. Neither binds the management account.
 */
import { boundaryNameOf, ROLE_PATH } from './names.ts'

export interface PolicyTarget {
  readonly partition: string
  readonly region: string
  readonly account: string
  readonly stackName: string
}

interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: '*'
  readonly Action?: readonly string[]
  readonly NotAction?: readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly Statement[]
}

/** Services without a region of their own: their requests count as made in another one. */
const WITHOUT_REGION = ['account:*', 'health:*', 'iam:*', 'organizations:*', 'sts:*', 'support:*']

/** What copies data, or makes it possible to copy it, into another region, account or service. */
const COPIES = [
  'account:EnableRegion',
  'backup:CopyIntoBackupVault',
  'backup:StartCopyJob',
  'dynamodb:CreateGlobalTable',
  'dynamodb:CreateTableReplica',
  'dynamodb:EnableKinesisStreamingDestination',
  'dynamodb:ExportTableToPointInTime',
  'dynamodb:UpdateGlobalTable',
  'ecr:PutReplicationConfiguration',
  'kms:ReplicateKey',
  'kms:UpdatePrimaryRegion',
  'logs:CreateExportTask',
  'logs:PutSubscriptionFilter',
  's3:PutReplicationConfiguration',
  'secretsmanager:ReplicateSecretToRegions',
]

export const serviceControlPolicy = ({
  partition,
  region,
  account,
  stackName,
}: PolicyTarget): PolicyDocument => {
  const boundary = `arn:${partition}:iam::${account}:policy${ROLE_PATH}${boundaryNameOf(stackName)}`
  const roles = `arn:${partition}:iam::${account}:role${ROLE_PATH}*`
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OneRegion',
        Effect: 'Deny',
        NotAction: WITHOUT_REGION,
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:RequestedRegion': [region] } },
      },
      { Sid: 'NoCopies', Effect: 'Deny', Action: COPIES, Resource: '*' },
      {
        Sid: 'NoMultiRegionKeys',
        Effect: 'Deny',
        Action: ['kms:CreateKey'],
        Resource: '*',
        Condition: { Bool: { 'kms:MultiRegion': 'true' } },
      },
      {
        Sid: 'RunKeysInNoBackup',
        Effect: 'Deny',
        Action: ['dynamodb:CreateBackup', 'dynamodb:StartAwsBackupJob', 'dynamodb:UpdateContinuousBackups'],
        Resource: `arn:${partition}:dynamodb:${region}:${account}:table/${stackName}-TablesVolatile*`,
      },
      {
        Sid: 'RolesUnderTheirBoundary',
        Effect: 'Deny',
        Action: [
          'iam:CreateRole',
          'iam:PutRolePermissionsBoundary',
          'iam:PutRolePolicy',
          'iam:AttachRolePolicy',
        ],
        Resource: roles,
        Condition: { StringNotEquals: { 'iam:PermissionsBoundary': boundary } },
      },
      {
        Sid: 'BoundariesStay',
        Effect: 'Deny',
        Action: ['iam:DeleteRolePermissionsBoundary'],
        Resource: roles,
      },
      {
        Sid: 'TrailsStay',
        Effect: 'Deny',
        Action: ['cloudtrail:DeleteTrail', 'cloudtrail:StopLogging'],
        Resource: '*',
      },
    ],
  }
}

/** What a resource control policy can reach of a party. Tables are not among it: their own policies say the same. */
const REACHED = ['kms:*', 's3:*', 'secretsmanager:*', 'sqs:*']

export const resourceControlPolicy = ({ account }: Pick<PolicyTarget, 'account'>): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'OnlyThisAccount',
      Effect: 'Deny',
      Principal: '*',
      Action: REACHED,
      Resource: '*',
      Condition: {
        StringNotEqualsIfExists: { 'aws:PrincipalAccount': account, 'aws:SourceAccount': account },
        BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
      },
    },
    {
      Sid: 'OnlyByTls',
      Effect: 'Deny',
      Principal: '*',
      Action: REACHED,
      Resource: '*',
      Condition: { BoolIfExists: { 'aws:SecureTransport': 'false' } },
    },
  ],
})
