/** A log group with a key of the operator's own and an end. What is logged holds no share, key or value; it outlives the stack as evidence. */
import { RemovalPolicy } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

export interface LogKeeping {
  readonly key: IKey
  readonly retention: RetentionDays
}

export const logGroup = (scope: Construct, id: string, { key, retention }: LogKeeping): LogGroup =>
  new LogGroup(scope, id, { encryptionKey: key, retention, removalPolicy: RemovalPolicy.RETAIN })
