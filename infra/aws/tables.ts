/**
 * The two tables. `Table` and not `TableV2`: what it emits, AWS::DynamoDB::Table, has no property for replicas at all, so
 * a reader of the template need not look for one.
 */

import { RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  BillingMode,
  type ITable,
  Table,
  TableEncryption,
  type WarmThroughput,
} from 'aws-cdk-lib/aws-dynamodb'
import { PolicyDocument } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import { accept } from './accept.ts'
import { denied } from './deny.ts'

interface PartyTablesProps {
  readonly key: IKey
  /** ARNs of the roles that may touch records; nobody else may, whatever else its policies say. */
  readonly roleArns: readonly string[]
  /** The endpoint of the private network that requests have to come through; left out, any way. */
  readonly endpointId?: string
  /** How far back the durable table can be restored, and how long what was deleted there can still be had. */
  readonly pointInTimeRecoveryDays: number
  /** What a table takes at once before it has grown; left out, what DynamoDB gives a new one. */
  readonly warmThroughput?: WarmThroughput
  /** Name of a durable table that was restored from a point in time and takes the place of the stack's own. */
  readonly restoredTable?: string
  /** Tables may be deleted, and go with the stack. */
  readonly retire: boolean
}

const RECORDS = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLSelect',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
]

const policyOf = ({ roleArns, endpointId }: PartyTablesProps): PolicyDocument =>
  new PolicyDocument({
    statements: [
      denied('OnlyTheFunctions', RECORDS, { ArnNotEquals: { 'aws:PrincipalArn': [...roleArns] } }),
      denied('OnlyByTls', RECORDS, { Bool: { 'aws:SecureTransport': 'false' } }),
      ...(endpointId === undefined
        ? []
        : [denied('OnlyFromTheNetwork', RECORDS, { StringNotEquals: { 'aws:SourceVpce': endpointId } })]),
    ],
  })

export class PartyTables extends Construct {
  readonly durable: ITable
  readonly volatile: ITable

  constructor(scope: Construct, id: string, props: PartyTablesProps) {
    super(scope, id)
    const { key, pointInTimeRecoveryDays, warmThroughput, retire } = props
    const common = {
      partitionKey: { name: 'p', type: AttributeType.STRING },
      sortKey: { name: 's', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      deletionProtection: !retire,
      ...(warmThroughput === undefined ? {} : { warmThroughput }),
    }
    // With `exactOptionalPropertyTypes` the class does not fit its own interface.
    const durable =
      props.restoredTable === undefined
        ? new Table(this, 'Durable', {
            ...common,
            removalPolicy: retire ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
            resourcePolicy: policyOf(props),
            pointInTimeRecoverySpecification: {
              pointInTimeRecoveryEnabled: true,
              recoveryPeriodInDays: pointInTimeRecoveryDays,
            },
          })
        : Table.fromTableName(this, 'Restored', props.restoredTable)
    this.durable = durable as ITable
    const volatile = new Table(this, 'Volatile', {
      ...common,
      timeToLiveAttribute: 't',
      removalPolicy: RemovalPolicy.DESTROY,
      resourcePolicy: policyOf(props),
    })
    this.volatile = volatile as ITable
    accept(
      volatile,
      'DDB3',
      'It holds run keys, and what is destroyed at the end of a run must be destroyed everywhere: this table must be in no backup (docs/operating/backups.md).',
    )
  }
}
