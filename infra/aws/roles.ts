/**
 * One role a function, under a boundary that no policy of this account can widen: only the services that a party needs, in
 * one region, and only what belongs to this stack. Policies are separate resources, because tables and queues name the
 * roles that may use them.
 */
import { Stack } from 'aws-cdk-lib'
import {
  Effect,
  ManagedPolicy,
  PermissionsBoundary,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { acceptResource } from './accept.ts'
import { boundaryNameOf, logGroupsOf, ROLE_PATH, secretNameOf } from './names.ts'
import { type FunctionName, RIGHTS } from './rights.ts'

/** What Lambda does with a function's role to join a network; none of it takes a resource. */
const JOIN_NETWORK = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

const all = (of: 'durable' | 'volatile' | 'lanes' | 'wake'): string[] => [
  ...new Set(Object.values(RIGHTS).flatMap(rights => rights[of])),
]

export class PartyRoles extends Construct {
  readonly of: Readonly<Record<FunctionName, Role>>

  constructor(scope: Construct, id: string) {
    super(scope, id)
    const boundary = this.boundary()
    PermissionsBoundary.of(Stack.of(this)).apply(boundary)
    const make = (name: string, what: string): Role =>
      new Role(this, name, {
        description: `Trias: ${what}`,
        path: ROLE_PATH,
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      })
    this.of = {
      http: make('Front', 'the front of the party'),
      worker: make('Worker', 'the worker of the party'),
      timer: make('Timer', 'the timer of the party'),
    }
  }

  /** Every role, for policies that let nobody else. */
  get arns(): string[] {
    return Object.values(this.of).map(role => role.roleArn)
  }

  private boundary(): ManagedPolicy {
    const stack = Stack.of(this)
    const { region, stackName } = stack
    const tables = stack.formatArn({ service: 'dynamodb', resource: `table/${stackName}-*` })
    const queues = stack.formatArn({ service: 'sqs', resource: `${stackName}-*` })
    const keys = stack.formatArn({ service: 'kms', resource: 'key/*' })
    const secret = stack.formatArn({ service: 'secretsmanager', resource: `secret:${secretNameOf(stack)}-*` })
    const logs = `${logGroupsOf(stack)}:*`
    const boundary = new ManagedPolicy(this, 'Boundary', {
      managedPolicyName: boundaryNameOf(stackName),
      path: ROLE_PATH,
      description: 'Trias: the most that a function of this party may ever do',
      statements: [
        new PolicyStatement({
          sid: 'Tables',
          actions: [...new Set([...all('durable'), ...all('volatile')])],
          resources: [tables],
        }),
        new PolicyStatement({
          sid: 'Queues',
          actions: [...new Set([...all('lanes'), ...all('wake')])],
          resources: [queues],
        }),
        new PolicyStatement({ sid: 'Keys', actions: [...KEY_USE], resources: [keys] }),
        new PolicyStatement({
          sid: 'Secret',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secret],
        }),
        new PolicyStatement({
          sid: 'Logs',
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [logs],
        }),
        new PolicyStatement({ sid: 'JoinNetwork', actions: JOIN_NETWORK, resources: ['*'] }),
        new PolicyStatement({
          sid: 'NoOtherRegion',
          effect: Effect.DENY,
          actions: ['*'],
          resources: ['*'],
          conditions: { StringNotEquals: { 'aws:RequestedRegion': region } },
        }),
      ],
    })
    const ofBoundary =
      'A boundary grants nothing. It cannot name resources that name the roles under it, so it ends at what belongs to this stack by name; the role policies name single resources.'
    for (const arn of [tables, queues, keys, secret, logs]) acceptResource(boundary, arn, ofBoundary)
    acceptResource(boundary, '*', JOINING)
    return boundary
  }
}

const JOINING =
  'Lambda joins a function to a network with the role of the function, and EC2 offers no resource to name for it. Code inside the function is denied the same calls.'

/** What a caller of a table or a queue needs of the key that encrypts it. */
export const KEY_USE = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const

/** Lets Lambda join a function with this role to a network, and keeps the code of the function from doing the same. */
export const letJoinNetwork = (role: Role): void => {
  role.addToPolicy(new PolicyStatement({ sid: 'JoinNetwork', actions: JOIN_NETWORK, resources: ['*'] }))
  role.addToPolicy(
    new PolicyStatement({
      sid: 'NotByItsCode',
      effect: Effect.DENY,
      actions: JOIN_NETWORK,
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  )
  acceptResource(role, '*', JOINING)
}
