/**
 * The secret with the two seeds of the party, made without a value: the operator writes it, so that no template, no
 * pipeline and no build log ever holds a seed. The roles of the functions alone can read it, the operator included.
 */

import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyDocument } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { CfnResourcePolicy, CfnSecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { accept } from './accept.ts'
import { denied } from './deny.ts'
import { secretNameOf } from './names.ts'

interface PartySecretProps {
  readonly key: IKey
  readonly roleArns: readonly string[]
  readonly retire: boolean
}

export class PartySecret extends Construct {
  readonly arn: string

  constructor(scope: Construct, id: string, { key, roleArns, retire }: PartySecretProps) {
    super(scope, id)
    // The construct of a higher level always generates a value, and a generated seed is no key of this party.
    const secret = new CfnSecret(this, 'Keys', {
      name: secretNameOf(Stack.of(this)),
      description: 'Trias: signing and sealing seed of the party, written by its operator',
      kmsKeyId: key.keyArn,
    })
    secret.applyRemovalPolicy(retire ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN)
    accept(
      secret,
      'SMG4',
      'New keys of a party need a new manifest that all three operators and all owners sign (docs/operating/keys.md); a timer cannot do that.',
    )
    this.arn = secret.ref
    new CfnResourcePolicy(this, 'Policy', {
      secretId: this.arn,
      blockPublicPolicy: true,
      resourcePolicy: new PolicyDocument({
        statements: [
          denied('OnlyTheFunctionsRead', ['secretsmanager:GetSecretValue'], {
            ArnNotEquals: { 'aws:PrincipalArn': [...roleArns] },
          }),
          denied('NoReplicas', ['secretsmanager:ReplicateSecretToRegions'], {}),
        ],
      }),
    })
  }
}
