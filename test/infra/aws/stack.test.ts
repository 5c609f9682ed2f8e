/** The template of a party on AWS: every property that its security rests on, in both partitions, with and without network. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSettings, SETTINGS } from '../../../infra/aws/settings.ts'
import { checkAwsTemplate } from '../../../infra/locality/aws.ts'
import type { InputError } from '../../../shared/base/errors.ts'
import { type Resource, type Synthesized, synthesized } from './synthesized.ts'

const REGION = 'eu-central-1'
const NETWORK = { peers: 'one.example.org,two.example.net', zones: '2' }

let plain: Synthesized
let sovereign: Synthesized
let all: [string, Synthesized][]

beforeAll(() => {
  plain = synthesized()
  const network = synthesized(NETWORK)
  sovereign = synthesized({ ...NETWORK, region: 'eusc-de-east-1', party: '2', auth: 'AWS_IAM' })
  all = [
    ['plain', plain],
    ['network', network],
    ['sovereign', sovereign],
    ['retired', synthesized({ retire: 'true' })],
  ]
})

const one = (resources: [string, Resource][], name: string): Resource => {
  const found = resources.filter(([id]) => id.includes(name))
  expect(
    found.map(([id]) => id),
    name,
  ).toHaveLength(1)
  return (found[0] as [string, Resource])[1]
}

const statements = (policy: { Statement: object[] }, sid: string) =>
  policy.Statement.filter(statement => (statement as { Sid?: string }).Sid === sid)

/** The roles of the three functions, as a policy names them. */
const roleArns = (of: Synthesized) =>
  ['RolesFront', 'RolesWorker', 'RolesTimer'].map(name => ({
    'Fn::GetAtt': [of.of('AWS::IAM::Role').find(([id]) => id.startsWith(name))?.[0] as string, 'Arn'],
  }))

test('cdk-nag finds nothing that was not accepted, and every acceptance has a reason', () => {
  for (const [name, { stack, checks }] of all)
    expect([name, checks.validateScope(stack).violations]).toEqual([name, []])
})

test('our own rules of locality find nothing', () => {
  for (const [name, { stack, template }] of all)
    expect([
      name,
      checkAwsTemplate(template.toJSON(), { region: stack.region, accountId: '111122223333' }),
    ]).toEqual([name, []])
})

test('no ARN, domain or region is written out, but for names of principals and of endpoint services', () => {
  for (const [name, { text }] of all) {
    const literals = [...text.matchAll(/"[^"]*(?:arn:aws|amazonaws)[^"]*"/g)].map(([literal]) => literal)
    const others = literals.filter(
      literal =>
        !/^"(lambda|events|cloudwatch|vpc-flow-logs)\.amazonaws\.com"$/.test(literal) &&
        !/^"com\.amazonaws\.(eu-central-1|eusc-de-east-1)\.(dynamodb|sqs|secretsmanager)"$/.test(literal),
    )
    expect([name, others]).toEqual([name, []])
  }
})

test('each stack stands in one concrete region, and names no other', () => {
  for (const [name, { text, stack }] of all) {
    expect(stack.region).toMatch(/^[a-z]+-[a-z]+(-[a-z]+)?-\d$/)
    const regions = new Set(
      [...text.matchAll(/\b(?:us|eu|ap|ca|sa|me|af|il|mx|cn|eusc)-[a-z]+(?:-[a-z]+)?-\d\b/g)].map(
        ([region]) => region,
      ),
    )
    expect([name, [...regions]]).toEqual([name, [stack.region]])
  }
})

test('there is nothing in it that would act elsewhere or later: no custom resource, nested stack, replica, stream or export', () => {
  for (const [, { of, text, resources }] of all) {
    for (const { Type } of Object.values(resources))
      expect(Type).not.toMatch(
        /^(Custom::|AWS::CloudFormation::|AWS::DynamoDB::GlobalTable|AWS::KMS::ReplicaKey|AWS::S3::)/,
      )
    expect(text).not.toMatch(
      /StreamSpecification|ReplicaRegions|ReplicationConfiguration|SubscriptionFilter|CopyActions/,
    )
    expect(of('AWS::CDK::Metadata')).toEqual([])
  }
})

describe('keys', () => {
  test('three of them, in one region, rotated; they outlive the stack, unless it is retired, and that of logs always', () => {
    for (const [name, { of }] of all) {
      const keys = of('AWS::KMS::Key')
      expect(keys).toHaveLength(3)
      for (const [id, { Properties, DeletionPolicy }] of keys) {
        const ofData = !id.includes('Operations')
        expect(Properties).toMatchObject({
          MultiRegion: false,
          EnableKeyRotation: true,
          PendingWindowInDays: 30,
        })
        expect(DeletionPolicy).toBe(name === 'retired' && ofData ? 'Delete' : 'Retain')
      }
    }
  })

  test('no key policy lets in another account', () => {
    for (const [, { of }] of all)
      for (const [, { Properties }] of of('AWS::KMS::Key'))
        for (const { Effect, Principal } of Properties.KeyPolicy.Statement)
          if (Effect === 'Allow' && Principal.AWS !== undefined)
            expect(Principal.AWS).toEqual({
              'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::111122223333:root']],
            })
  })

  test('the key of the seeds serves Secrets Manager only', () => {
    const { KeyPolicy } = one(plain.of('AWS::KMS::Key'), 'KeysSecret').Properties
    expect(statements(KeyPolicy, 'OnlyThroughSecretsManager')).toMatchObject([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: expect.arrayContaining(['kms:Decrypt', 'kms:ReEncryptFrom']),
        Condition: {
          StringNotEquals: {
            'kms:ViaService': { 'Fn::Join': ['', [`secretsmanager.${REGION}.`, { Ref: 'AWS::URLSuffix' }]] },
          },
        },
      },
    ])
  })

  test('the service of logs may use its key for log groups of this stack only', () => {
    const { KeyPolicy } = one(plain.of('AWS::KMS::Key'), 'KeysOperations').Properties
    expect(statements(KeyPolicy, 'LogsOfThisStack')).toMatchObject([
      {
        Principal: { Service: { 'Fn::Join': ['', [`logs.${REGION}.`, { Ref: 'AWS::URLSuffix' }]] } },
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': {
              'Fn::Join': [
                '',
                ['arn:', { Ref: 'AWS::Partition' }, `:logs:${REGION}:111122223333:log-group:trias-party-0-*`],
              ],
            },
          },
        },
      },
    ])
  })
})

describe('tables', () => {
  test('are of the type that cannot have replicas, on demand, under the key of the operator, protected', () => {
    for (const [name, { of }] of all) {
      const tables = of('AWS::DynamoDB::Table')
      expect(tables).toHaveLength(2)
      for (const [, { Properties }] of tables)
        expect(Properties).toMatchObject({
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: name !== 'retired',
          KeySchema: [
            { AttributeName: 'p', KeyType: 'HASH' },
            { AttributeName: 's', KeyType: 'RANGE' },
          ],
          SSESpecification: {
            SSEEnabled: true,
            SSEType: 'KMS',
            KMSMasterKeyId: { 'Fn::GetAtt': [expect.stringContaining('KeysState'), 'Arn'] },
          },
        })
    }
  })

  test('the durable one can be restored for a declared time and outlives the stack; the volatile one is in no backup and forgets', () => {
    const tables = plain.of('AWS::DynamoDB::Table')
    const durable = one(tables, 'TablesDurable')
    expect(durable.DeletionPolicy).toBe('Retain')
    expect(durable.Properties.PointInTimeRecoverySpecification).toEqual({
      PointInTimeRecoveryEnabled: true,
      RecoveryPeriodInDays: 7,
    })
    expect(durable.Properties.TimeToLiveSpecification).toBeUndefined()
    const volatile = one(tables, 'TablesVolatile')
    expect(volatile.Properties.PointInTimeRecoverySpecification).toBeUndefined()
    expect(volatile.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 't', Enabled: true })
  })

  test('records are for the three roles alone, by TLS, and where there is a network only through its endpoint', () => {
    for (const [, synthesis] of all)
      for (const [, { Properties }] of synthesis.of('AWS::DynamoDB::Table')) {
        const policy = Properties.ResourcePolicy.PolicyDocument
        const records = expect.arrayContaining([
          'dynamodb:GetItem',
          'dynamodb:Scan',
          'dynamodb:PartiQLSelect',
        ])
        const everybody = { Effect: 'Deny', Principal: { AWS: '*' }, Resource: '*', Action: records }
        expect(statements(policy, 'OnlyTheFunctions')).toMatchObject([
          { ...everybody, Condition: { ArnNotEquals: { 'aws:PrincipalArn': roleArns(synthesis) } } },
        ])
        expect(statements(policy, 'OnlyByTls')).toMatchObject([
          { ...everybody, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ])
        const [endpoint] = synthesis
          .of('AWS::EC2::VPCEndpoint')
          .filter(([, { Properties }]) => Properties.VpcEndpointType === 'Gateway')
        expect(statements(policy, 'OnlyFromTheNetwork')).toMatchObject(
          endpoint === undefined
            ? []
            : [{ ...everybody, Condition: { StringNotEquals: { 'aws:SourceVpce': { Ref: endpoint[0] } } } }],
        )
        expect(policy.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow')).toEqual([])
      }
  })

  test('a table that was restored takes the place of the durable one, which stays outside the stack', () => {
    const { of, text } = synthesized({ restoredTable: 'trias-party-0-restored' })
    expect(of('AWS::DynamoDB::Table').map(([id]) => id)).toEqual([expect.stringContaining('TablesVolatile')])
    for (const [, { Properties }] of of('AWS::Lambda::Function'))
      expect(Properties.Environment.Variables.TRIAS_DURABLE_TABLE).toBe('trias-party-0-restored')
    expect(text).toContain(`:dynamodb:${REGION}:111122223333:table/trias-party-0-restored`)
  })

  test('warm throughput is a setting', () => {
    const { of } = synthesized({ warmThroughput: '12000,4000', pointInTimeRecovery: '1' })
    for (const [, { Properties }] of of('AWS::DynamoDB::Table'))
      expect(Properties.WarmThroughput).toEqual({ ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000 })
    expect(
      one(of('AWS::DynamoDB::Table'), 'TablesDurable').Properties.PointInTimeRecoverySpecification,
    ).toMatchObject({ RecoveryPeriodInDays: 1 })
  })
})

describe('queues', () => {
  test('eight lanes, a wake queue and its dead letters: under the key of the operator, standard, with an end', () => {
    const queues = plain.of('AWS::SQS::Queue')
    expect(queues).toHaveLength(10)
    for (const [, { Properties }] of queues) {
      expect(Properties.KmsMasterKeyId).toEqual({
        'Fn::GetAtt': [expect.stringContaining('KeysState'), 'Arn'],
      })
      expect(Properties.MessageRetentionPeriod).toBeGreaterThan(0)
      expect(Properties.FifoQueue).toBeUndefined()
    }
    const lanes = queues.filter(([id]) => id.startsWith('QueuesLane'))
    expect(lanes).toHaveLength(8)
    for (const [, { Properties }] of lanes)
      expect(Properties).toMatchObject({ MaximumMessageSize: 1_048_576, MessageRetentionPeriod: 86_400 })
    for (const [, { Properties }] of lanes) expect(Properties.RedrivePolicy).toBeUndefined()
  })

  test('a wake stays hidden for longer than its worker may run, and goes to the dead letters after five tries', () => {
    const wake = one(
      plain.of('AWS::SQS::Queue').filter(([id]) => !id.includes('Dead')),
      'QueuesWake',
    ).Properties
    const worker = one(plain.of('AWS::Lambda::Function'), 'FunctionsWorker').Properties
    expect(wake.VisibilityTimeout).toBeGreaterThanOrEqual(worker.Timeout)
    expect(wake.RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringContaining('QueuesWakeDeadLetters'), 'Arn'] },
      maxReceiveCount: 5,
    })
  })

  test('each refuses what does not come by TLS, and messages of anybody but the functions', () => {
    for (const [, synthesis] of all) {
      const policies = synthesis.of('AWS::SQS::QueuePolicy')
      expect(policies).toHaveLength(10)
      for (const [id, { Properties }] of policies) {
        const { Statement } = Properties.PolicyDocument
        expect(Statement).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Action: 'sqs:*',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        )
        expect(Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow')).toEqual([])
        if (!id.includes('DeadLetters'))
          expect(statements(Properties.PolicyDocument, 'OnlyTheFunctions')).toMatchObject([
            {
              Effect: 'Deny',
              Action: expect.arrayContaining(['sqs:ReceiveMessage', 'sqs:SendMessage']),
              Condition: { ArnNotEquals: { 'aws:PrincipalArn': roleArns(synthesis) } },
            },
          ])
      }
    }
  })
})

describe('secret', () => {
  test('has no value, no replica, and a key of its own', () => {
    for (const [, { of }] of all) {
      const secret = one(of('AWS::SecretsManager::Secret'), 'SecretKeys')
      expect(Object.keys(secret.Properties).sort()).toEqual(['Description', 'KmsKeyId', 'Name'])
      expect(secret.Properties.KmsKeyId).toEqual({
        'Fn::GetAtt': [expect.stringContaining('KeysSecret'), 'Arn'],
      })
    }
  })

  test('is read by the functions alone, its operator included in nobody else', () => {
    const { BlockPublicPolicy, ResourcePolicy } = one(
      plain.of('AWS::SecretsManager::ResourcePolicy'),
      'SecretPolicy',
    ).Properties
    expect(BlockPublicPolicy).toBe(true)
    expect(statements(ResourcePolicy, 'OnlyTheFunctionsRead')).toMatchObject([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'secretsmanager:GetSecretValue',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': roleArns(plain) } },
      },
    ])
    expect(statements(ResourcePolicy, 'NoReplicas')).toMatchObject([
      { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'secretsmanager:ReplicateSecretToRegions' },
    ])
  })
})

describe('functions', () => {
  test('run on Node 24 and arm64, at most so many at once, log in JSON into a group of their own', () => {
    const lambdas = plain.of('AWS::Lambda::Function')
    expect(lambdas).toHaveLength(3)
    for (const [name, handler, concurrency, timeout] of [
      ['Front', 'http.handler', 10, 30],
      ['Worker', 'worker.handler', 8, 900],
      ['Timer', 'timer.handler', 1, 60],
    ] as const)
      expect(one(lambdas, `Functions${name}`).Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: handler,
        Timeout: timeout,
        ReservedConcurrentExecutions: concurrency,
        KmsKeyArn: { 'Fn::GetAtt': [expect.stringContaining('KeysState'), 'Arn'] },
        LoggingConfig: {
          LogFormat: 'JSON',
          LogGroup: { Ref: expect.stringContaining(`Functions${name}Logs`) },
        },
        Role: { 'Fn::GetAtt': [expect.stringContaining(`Roles${name}`), 'Arn'] },
      })
  })

  test('a chain of workers is no mistake', () => {
    expect(one(plain.of('AWS::Lambda::Function'), 'FunctionsWorker').Properties.RecursiveLoop).toBe('Allow')
  })

  test('know where things are, and no secret', () => {
    for (const [, { Properties }] of plain.of('AWS::Lambda::Function')) {
      const { Variables } = Properties.Environment
      expect(Object.keys(Variables).sort()).toEqual([
        'TRIAS_DURABLE_TABLE',
        'TRIAS_LANE_QUEUE_URLS',
        'TRIAS_PARTY',
        'TRIAS_SECRET_ID',
        'TRIAS_VOLATILE_TABLE',
        'TRIAS_WAKE_QUEUE_URL',
      ])
      expect(Variables.TRIAS_LANE_QUEUE_URLS['Fn::Join'][1]).toHaveLength(8)
    }
  })

  test('anybody may call the front and nothing else; with AWS_IAM nobody from outside', () => {
    const publicly = ({ of }: Synthesized) =>
      of('AWS::Lambda::Permission')
        .filter(([, { Properties }]) => Properties.Principal === '*')
        .map(([, { Properties }]) => [Properties.FunctionName['Fn::GetAtt'][0], Properties.Action])
    expect(publicly(plain)).toEqual([
      [expect.stringMatching(/^FunctionsFront/), 'lambda:InvokeFunctionUrl'],
      [expect.stringMatching(/^FunctionsFront/), 'lambda:InvokeFunction'],
    ])
    plain.template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' })
    for (const { Properties } of Object.values(plain.template.findResources('AWS::Lambda::Permission')))
      if (Properties.Action === 'lambda:InvokeFunction' && Properties.Principal === '*')
        expect(Properties.InvokedViaFunctionUrl).toBe(true)
    expect(publicly(sovereign)).toEqual([])
    sovereign.template.hasResourceProperties('AWS::Lambda::Url', {
      AuthType: 'AWS_IAM',
      Cors: Match.absent(),
    })
  })

  test('wakes call the worker one by one, and the clock calls the timer each minute', () => {
    plain.template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 8 },
    })
    plain.template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } })],
    })
  })

  test('log groups have a key and an end, and outlive the stack', () => {
    for (const [, { of }] of all)
      for (const [, { Properties, DeletionPolicy }] of of('AWS::Logs::LogGroup')) {
        expect(Properties).toMatchObject({
          RetentionInDays: 365,
          KmsKeyId: { 'Fn::GetAtt': [expect.stringContaining('KeysOperations'), 'Arn'] },
        })
        expect(DeletionPolicy).toBe('Retain')
      }
  })
})

describe('roles', () => {
  test('each is under the boundary, which ends at this region and at what belongs to this stack', () => {
    for (const [, { of }] of all) {
      const [[boundaryId, boundary]] = of('AWS::IAM::ManagedPolicy') as [[string, Resource]]
      for (const [, { Properties }] of of('AWS::IAM::Role')) {
        expect(Properties.PermissionsBoundary).toEqual({ Ref: boundaryId })
        expect(Properties.Path).toBe('/trias/')
        expect(Properties.ManagedPolicyArns).toBeUndefined()
      }
      const document = boundary.Properties.PolicyDocument
      expect(statements(document, 'NoOtherRegion')).toMatchObject([
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { StringNotEquals: { 'aws:RequestedRegion': expect.stringMatching(/^eu/) } },
        },
      ])
      for (const { Sid, Effect, Resource } of document.Statement)
        if (Effect === 'Allow' && Sid !== 'JoinNetwork')
          expect(JSON.stringify(Resource)).toContain(':111122223333:')
    }
  })

  test('can be taken by Lambda, or by flow logs, and by nobody else', () => {
    for (const [, { of }] of all)
      for (const [, { Properties }] of of('AWS::IAM::Role'))
        expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: expect.stringMatching(/^(lambda|vpc-flow-logs)\.amazonaws\.com$/) },
          },
        ])
  })

  test('no right has a wildcard, but what Lambda needs to join a network, which the code of a function is denied', () => {
    for (const [, { of }] of all)
      for (const [id, { Properties }] of of('AWS::IAM::Policy'))
        for (const { Effect, Sid, Action, Resource, Condition } of Properties.PolicyDocument.Statement) {
          if (Effect === 'Deny') {
            expect([Sid, Condition]).toEqual([
              'NotByItsCode',
              { Null: { 'lambda:SourceFunctionArn': 'false' } },
            ])
            continue
          }
          expect(`${id} ${JSON.stringify(Action)}`).not.toContain('*')
          if (Sid !== 'JoinNetwork') expect(`${id} ${JSON.stringify(Resource)}`).not.toContain('*')
        }
  })
})

describe('network', () => {
  test('functions have no way out but through a firewall that knows the two peers', () => {
    const lambdas = sovereign.of('AWS::Lambda::Function')
    for (const [, { Properties }] of lambdas) expect(Properties.VpcConfig.SubnetIds).toHaveLength(2)
    sovereign.template.hasResourceProperties('AWS::NetworkFirewall::RuleGroup', {
      RuleGroup: {
        RulesSource: {
          RulesSourceList: {
            GeneratedRulesType: 'ALLOWLIST',
            TargetTypes: ['TLS_SNI'],
            Targets: ['one.example.org', 'two.example.net'],
          },
        },
        StatefulRuleOptions: { RuleOrder: 'STRICT_ORDER' },
      },
    })
    sovereign.template.hasResourceProperties('AWS::NetworkFirewall::FirewallPolicy', {
      FirewallPolicy: {
        StatelessDefaultActions: ['aws:forward_to_sfe'],
        StatelessFragmentDefaultActions: ['aws:forward_to_sfe'],
        StatefulDefaultActions: ['aws:drop_established', 'aws:alert_established'],
        StatefulEngineOptions: { RuleOrder: 'STRICT_ORDER', StreamExceptionPolicy: 'DROP' },
      },
    })
    const firewalls = sovereign.of('AWS::NetworkFirewall::Firewall').map(([id]) => id)
    expect(firewalls).toHaveLength(2)
    // Every route of a subnet of functions, and the routes back, lead to a firewall.
    const subnets = lambdas.flatMap(([, { Properties }]) =>
      Properties.VpcConfig.SubnetIds.map(({ Ref }: { Ref: string }) => Ref),
    )
    const tables = sovereign
      .of('AWS::EC2::SubnetRouteTableAssociation')
      .filter(([, { Properties }]) => subnets.includes(Properties.SubnetId.Ref))
      .map(([, { Properties }]) => Properties.RouteTableId.Ref)
    expect(new Set(tables).size).toBe(2)
    const routes = sovereign
      .of('AWS::EC2::Route')
      .filter(([, { Properties }]) => tables.includes(Properties.RouteTableId.Ref))
    expect(routes).toHaveLength(2)
    for (const [, { Properties }] of routes) {
      expect(Object.keys(Properties).sort()).toEqual([
        'DestinationCidrBlock',
        'RouteTableId',
        'VpcEndpointId',
      ])
      const [, { 'Fn::Split': split }] = Properties.VpcEndpointId['Fn::Select']
      expect(firewalls).toContain(split[1]['Fn::Select'][1]['Fn::GetAtt'][0])
    }
    const back = sovereign
      .of('AWS::EC2::Route')
      .filter(([, { Properties }]) => Properties.VpcEndpointId !== undefined)
    expect(back).toHaveLength(4)
  })

  test('zones are those of the region, one after the other, and nothing was looked up or made up', () => {
    const zones = sovereign
      .of('AWS::EC2::Subnet')
      .map(([, { Properties }]) => Properties.AvailabilityZone['Fn::Select'])
    expect(zones).toEqual([0, 1, 0, 1, 0, 1].map(zone => [zone, { 'Fn::GetAZs': '' }]))
    for (const [, { missing, text }] of all) {
      expect(missing).toBeUndefined()
      expect(text).not.toMatch(/dummy/)
    }
  })

  test('names that are on no list are not resolved', () => {
    sovereign.template.hasResourceProperties('AWS::Route53Resolver::FirewallDomainList', {
      Domains: [
        'one.example.org',
        'two.example.net',
        { 'Fn::Join': ['', ['*.eusc-de-east-1.', { Ref: 'AWS::URLSuffix' }]] },
      ],
    })
    sovereign.template.hasResourceProperties('AWS::Route53Resolver::FirewallRuleGroup', {
      FirewallRules: [
        Match.objectLike({ Action: 'ALLOW', Priority: 100 }),
        Match.objectLike({ Action: 'BLOCK', Priority: 200 }),
      ],
    })
    sovereign.template.hasResourceProperties('AWS::Route53Resolver::FirewallRuleGroupAssociation', {
      MutationProtection: 'ENABLED',
    })
  })

  test('endpoints serve this account only, and take TLS from the functions only', () => {
    const endpoints = sovereign.of('AWS::EC2::VPCEndpoint')
    expect(endpoints).toHaveLength(3)
    for (const [, { Properties }] of endpoints)
      expect(Properties.PolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Effect: 'Allow',
          Condition: {
            StringEquals: {
              'aws:PrincipalAccount': '111122223333',
              'aws:ResourceAccount': '111122223333',
            },
          },
        }),
      ])
    const groups = sovereign.of('AWS::EC2::SecurityGroup')
    expect(groups).toHaveLength(2)
    const functions = one(groups, 'NetworkFunctions').Properties
    expect(functions.SecurityGroupIngress).toBeUndefined()
    expect(functions.SecurityGroupEgress).toMatchObject([{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }])
    expect(one(groups, 'NetworkEndpoints').Properties.SecurityGroupIngress).toBeUndefined()
    const ingress = sovereign.of('AWS::EC2::SecurityGroupIngress')
    expect(ingress).toHaveLength(1)
    expect(ingress[0]?.[1].Properties).toMatchObject({
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringContaining('NetworkFunctions'), 'GroupId'] },
    })
  })

  test('what passes and what was refused is logged', () => {
    expect(sovereign.of('AWS::EC2::FlowLog')).toHaveLength(1)
    expect(sovereign.of('AWS::NetworkFirewall::LoggingConfiguration')).toHaveLength(2)
  })

  test('without it there is none', () => {
    expect(plain.text).not.toMatch(/AWS::EC2::|AWS::NetworkFirewall::|VpcConfig/)
  })
})

describe('alarms', () => {
  test('there is one for each thing that somebody must look at, and each reaches the topic', () => {
    const alarms = plain.of('AWS::CloudWatch::Alarm')
    expect(alarms.map(([id]) => id.replace(/^Watch(.*).{8}$/, '$1')).sort()).toEqual([
      'Contradiction',
      'DeadLetters',
      'DurableThrottled',
      'ErrorsInLogs',
      'FrontErrors',
      'FrontThrottled',
      'TimerErrors',
      'TimerSilent',
      'VolatileThrottled',
      'WakesWait',
      'WorkerErrors',
    ])
    const [[topic]] = plain.of('AWS::SNS::Topic') as [[string, Resource]]
    for (const [, { Properties }] of alarms) expect(Properties.AlarmActions).toEqual([{ Ref: topic }])
    expect(one(alarms, 'TimerSilent').Properties).toMatchObject({
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
    })
  })

  test('alarms of this account alone may publish, and the topic has a key', () => {
    expect(one(plain.of('AWS::SNS::Topic'), 'WatchAlarms').Properties.KmsMasterKeyId).toEqual({
      'Fn::GetAtt': [expect.stringContaining('KeysOperations'), 'Arn'],
    })
    const { PolicyDocument } = one(plain.of('AWS::SNS::TopicPolicy'), 'WatchAlarms').Properties
    expect(statements(PolicyDocument, 'AlarmsOfThisAccount')).toMatchObject([
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
    ])
    expect(
      PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow'),
    ).toHaveLength(1)
  })

  test('contradictions are counted in the log of each function', () => {
    const filters = plain
      .of('AWS::Logs::MetricFilter')
      .filter(([, { Properties }]) => Properties.MetricTransformations[0].MetricName === 'Contradictions')
    expect(filters).toHaveLength(3)
    expect(filters[0]?.[1].Properties.FilterPattern).toBe(
      '{ ($.event = "equivocation") || ($.event = "head-disputed") || ($.check = "mask-reuse") || ($.check = "share-copies-differ") || ($.check = "share-digest-differs") }',
    )
  })
})

test('what the operator needs is an output', () => {
  expect(Object.keys(plain.template.toJSON().Outputs).sort()).toEqual([
    'AlarmTopic',
    'DurableTable',
    'Endpoint',
    'SecretId',
    'SecretKey',
    'StateKey',
    'VolatileTable',
  ])
})

test('the whole template', () => {
  const template = JSON.parse(plain.text.replaceAll(/[0-9a-f]{64}/g, 'HASH'))
  expect(template).toMatchSnapshot()
})

test.each([
  ['region', 'us-gov-west-1'],
  ['region', 'eu-nowhere-1'],
  ['account', '12'],
  ['party', '3'],
  ['countries', 'Germany'],
  ['frontConcurrency', '7'],
  ['lanes', '1'],
  ['pointInTimeRecovery', '36'],
  ['logRetention', '100'],
  ['warmThroughput', 'many'],
  ['peers', 'one.example.org'],
  ['peers', 'https://one.example.org,two.example.net'],
  ['zones', '3'],
  ['restoredTable', 'somebody-elses'],
  ['cidr', '10.0.0.0/8'],
  ['deadlines', '{"roundS":1}'],
  ['retire', 'perhaps'],
  ['colour', 'blue'],
])('the setting %s=%s is refused, by name', (name, value) => {
  try {
    readSettings({ [name]: value })
    expect.unreachable()
  } catch (error) {
    expect((error as InputError).where).toMatch(new RegExp(`^-c ${name}(\\.|$)`))
  }
})

test('the guide names every setting and every output', () => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../../docs/operating/deploy-aws.md'), 'utf8')
  const rows = guide.split('\n').filter(line => line.startsWith('| `'))
  expect(SETTINGS.filter(name => !rows.some(row => row.includes(`\`${name}\``)))).toEqual([])
  const outputs = Object.keys(plain.template.toJSON().Outputs)
  const named = (name: string) => guide.includes(`\`${name}\``) || guide.includes(`<${name}>`)
  expect(outputs.filter(name => !named(name))).toEqual([])
  const { resources } = plain
  const reserved = Object.values(resources).map(
    ({ Properties }) => Properties?.ReservedConcurrentExecutions ?? 0,
  )
  const sum = reserved.reduce((total, each) => total + each, 0)
  expect(guide).toContain(`at least ${100 + sum}: ${sum} are reserved`)
})
