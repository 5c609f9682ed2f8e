/** The rules for CloudFormation templates, from the most specific to the most general (see `rule.ts`). */
import { type AwsResource, type AwsTemplate, ofType, referent, textOf, textsOf } from './aws-template.ts'
import { ALLOWED_TYPES, NAMED_TYPES } from './aws-types.ts'
import { homeCountry } from './home.ts'
import { at, EMAIL, isObject, listOf, objectOf, shown, textsIn } from './json.ts'
import { ACCOUNTABLE, ERASURE, INSTRUCTED, MINIMUM, SECURITY, SEPARATION, TRANSFER } from './law.ts'
import type { Path, Rule, RuleText, Sighting } from './rule.ts'

type AwsRule = Rule<AwsTemplate>

const text = (id: string, proves: string, expected: string, law: string): RuleText => ({
  id,
  proves,
  expected,
  law,
})

/** Looks at one property of every resource of some types. */
const property = (
  about: RuleText,
  types: string,
  path: Path,
  holds: (value: unknown, template: AwsTemplate, resource: AwsResource) => boolean,
): AwsRule => ({
  ...about,
  *look(template) {
    for (const resource of ofType(template, ...types.split(' '))) {
      const value = at(resource.properties, ...path)
      yield {
        path: [...resource.path, ...path],
        holds: holds(value, template, resource),
        found: shown(value),
      }
    }
  },
})

const named = (id: keyof typeof NAMED_TYPES, proves: string, law: string): AwsRule => ({
  ...text(id, proves, 'no resource of this type', law),
  *look({ resources }) {
    for (const { id: name, type } of resources)
      yield { path: ['Resources', name], holds: !NAMED_TYPES[id].test(type), found: type }
  },
})

const isAbsent = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === 0)

/** The key of this template, so that its policy and its region are checked with everything else. */
const isOwnKey = (value: unknown, template: AwsTemplate): boolean =>
  referent(template, value)?.type === 'AWS::KMS::Key'

/** Every statement of every policy that is attached to a resource, and so lets others in. */
function* resourcePolicies(
  template: AwsTemplate,
): Iterable<readonly [Path, Readonly<Record<string, unknown>>]> {
  const places: Readonly<Record<string, Path>> = {
    'AWS::DynamoDB::Table': ['ResourcePolicy', 'PolicyDocument'],
    'AWS::EC2::VPCEndpoint': ['PolicyDocument'],
    'AWS::KMS::Key': ['KeyPolicy'],
    'AWS::SNS::TopicPolicy': ['PolicyDocument'],
    'AWS::SQS::QueuePolicy': ['PolicyDocument'],
    'AWS::SecretsManager::ResourcePolicy': ['ResourcePolicy'],
  }
  for (const { type, properties, path } of template.resources) {
    const place = places[type]
    if (place === undefined) continue
    for (const [index, statement] of listOf(at(properties, ...place, 'Statement')).entries())
      yield [[...path, ...place, 'Statement', index], objectOf(statement)]
  }
}

const isEverybody = (principal: unknown): boolean =>
  principal === '*' || listOf(at(principal, 'AWS')).includes('*')

const deniesOtherRegions = (document: unknown, region: string): boolean =>
  listOf(at(document, 'Statement')).some(
    statement =>
      at(statement, 'Effect') === 'Deny' &&
      listOf(at(statement, 'Action')).includes('*') &&
      listOf(at(statement, 'Resource')).includes('*') &&
      listOf(at(statement, 'Condition', 'StringNotEquals', 'aws:RequestedRegion')).join() === region,
  )

const REGION =
  /(?:eusc|us|eu|ap|ca|sa|mx|me|af|il|cn)(?:-(?:gov|iso[a-z]*|de))?-(?:north|south|east|west|central)(?:east|west)?-\d+/g

const foreignRegions = (value: string, home: string): readonly string[] =>
  [...new Set(value.toLowerCase().match(REGION) ?? [])].filter(region => region !== home)

/** Twelve digits that are no part of a longer word, such as a digest. */
const ACCOUNT = /(?<![0-9a-zA-Z.])\d{12}(?![0-9a-zA-Z.])/g

const namedRules: readonly AwsRule[] = [
  named('AWS-TABLE-REPLICA', 'No table is, or becomes, a global table with replicas', TRANSFER),
  named('AWS-KEY-REPLICA', 'No key of another region is replicated here', TRANSFER),
  named('AWS-CROSS-REGION-REFERENCE', 'The stack reads and writes nothing in another region', TRANSFER),
  named('AWS-CUSTOM-RESOURCE', 'No code runs at deployment that no template shows', ACCOUNTABLE),
  named('AWS-NESTED-STACK', 'Nothing is deployed from a template that was not checked', ACCOUNTABLE),
  named(
    'AWS-BACKUP-COPY',
    'No backup plan copies data; recovery is the table’s own, in its region',
    TRANSFER,
  ),
  named('AWS-EDGE', 'Nothing is answered or cached at edge locations', TRANSFER),
  named('AWS-LOG-EXPORT', 'Logs and metrics stay in the account and region that wrote them', TRANSFER),
  named('AWS-BUCKET', 'Data is in tables and queues only; no bucket replicates or exports it', MINIMUM),
  named(
    'AWS-IMAGE-REPLICATION',
    'Code comes from the package of this deployment, from no registry',
    INSTRUCTED,
  ),
  named('AWS-LONG-LIVED-CREDENTIAL', 'The stack makes no user, access key or identity provider', SEPARATION),
  named('AWS-TELEMETRY-OF-TOOL', 'The tool that synthesized the stack does not report on it', MINIMUM),
  {
    ...text(
      'AWS-TYPE',
      'Every resource is of a type whose ways of copying data are known and checked',
      'a type of the allow-list',
      ACCOUNTABLE,
    ),
    *look({ resources }) {
      for (const { id, type } of resources)
        yield { path: ['Resources', id], holds: ALLOWED_TYPES.has(type), found: type }
    },
  },
]

const documentRules: readonly AwsRule[] = [
  {
    ...text('AWS-FORMAT', 'The file is a template with resources', 'Resources, and no macro', ACCOUNTABLE),
    *look({ document, resources }) {
      yield { path: ['Transform'], holds: document.Transform === undefined, found: shown(document.Transform) }
      yield { path: ['Template'], holds: resources.length > 0, found: `${resources.length} resources` }
    },
  },
]

const tableRules: readonly AwsRule[] = [
  {
    ...text(
      'AWS-TABLE-KEY',
      'Tables are encrypted under a key that the operator can disable and destroy',
      'SSEType KMS with a key of this stack',
      SECURITY,
    ),
    *look(template) {
      for (const { properties, path } of ofType(template, 'AWS::DynamoDB::Table')) {
        const sse = objectOf(properties.SSESpecification)
        yield {
          path: [...path, 'SSESpecification'],
          holds: sse.SSEEnabled === true && sse.SSEType === 'KMS' && isOwnKey(sse.KMSMasterKeyId, template),
          found: shown(properties.SSESpecification),
        }
      }
    },
  },
  property(
    text('AWS-TABLE-STREAM', 'Changes of tables flow to nobody', 'no stream', TRANSFER),
    'AWS::DynamoDB::Table',
    ['StreamSpecification'],
    isAbsent,
  ),
  property(
    text('AWS-TABLE-KINESIS', 'Changes of tables flow into no Kinesis stream', 'no Kinesis stream', TRANSFER),
    'AWS::DynamoDB::Table',
    ['KinesisStreamSpecification'],
    isAbsent,
  ),
  property(
    text('AWS-TABLE-IMPORT', 'Tables begin empty', 'no import from a bucket', MINIMUM),
    'AWS::DynamoDB::Table',
    ['ImportSourceSpecification'],
    isAbsent,
  ),
  {
    ...text(
      'AWS-TABLE-KEEPING',
      'A table forgets run keys by itself and is in no backup, or has a declared recovery window',
      'time to live on and no point-in-time recovery, or recovery with a number of days',
      ERASURE,
    ),
    *look(template) {
      for (const { properties, path } of ofType(template, 'AWS::DynamoDB::Table')) {
        const recovery = objectOf(properties.PointInTimeRecoverySpecification)
        const forgets = at(properties, 'TimeToLiveSpecification', 'Enabled') === true
        const isRecoverable = recovery.PointInTimeRecoveryEnabled === true
        const days = recovery.RecoveryPeriodInDays
        const isDeclared = typeof days === 'number' && days >= 1 && days <= 35
        yield {
          path: [...path, 'PointInTimeRecoverySpecification'],
          holds: forgets
            ? recovery.PointInTimeRecoveryEnabled === undefined ||
              recovery.PointInTimeRecoveryEnabled === false
            : isRecoverable && isDeclared,
          found: `time to live ${forgets ? 'on' : 'off'}, recovery ${shown(properties.PointInTimeRecoverySpecification)}`,
        }
      }
    },
  },
  {
    ...text(
      'AWS-TABLE-POLICY',
      'Records are refused to whoever is not a function of this party, administrators included',
      'a Deny for everybody but roles of this stack',
      SECURITY,
    ),
    *look(template) {
      for (const { properties, path } of ofType(template, 'AWS::DynamoDB::Table')) {
        const statements = listOf(at(properties, 'ResourcePolicy', 'PolicyDocument', 'Statement'))
        yield {
          path: [...path, 'ResourcePolicy'],
          holds: statements.some(statement => deniesStrangers(statement, template)),
          found: shown(properties.ResourcePolicy),
        }
      }
    },
  },
]

const deniesStrangers = (statement: unknown, template: AwsTemplate): boolean => {
  const roles = listOf(at(statement, 'Condition', 'ArnNotEquals', 'aws:PrincipalArn'))
  return (
    at(statement, 'Effect') === 'Deny' &&
    isEverybody(at(statement, 'Principal')) &&
    roles.length > 0 &&
    roles.every(role => referent(template, role)?.type === 'AWS::IAM::Role')
  )
}

const keyRules: readonly AwsRule[] = [
  property(
    text('AWS-KEY-MULTI-REGION', 'No key can be copied to another region', 'MultiRegion false', TRANSFER),
    'AWS::KMS::Key',
    ['MultiRegion'],
    value => value === undefined || value === false,
  ),
]

const queueRules: readonly AwsRule[] = [
  property(
    text('AWS-QUEUE-KEY', 'Queues are encrypted under the operator’s key', 'a key of this stack', SECURITY),
    'AWS::SQS::Queue',
    ['KmsMasterKeyId'],
    isOwnKey,
  ),
  property(
    text('AWS-QUEUE-KEEPING', 'Messages left behind are gone by a known day', 'a number of seconds', ERASURE),
    'AWS::SQS::Queue',
    ['MessageRetentionPeriod'],
    value => typeof value === 'number' && value <= 1_209_600,
  ),
  property(
    text('AWS-QUEUE-DEAD-LETTERS', 'Failed messages stay in this stack', 'a queue of this stack', TRANSFER),
    'AWS::SQS::Queue',
    ['RedrivePolicy'],
    (value, template) =>
      value === undefined || referent(template, at(value, 'deadLetterTargetArn'))?.type === 'AWS::SQS::Queue',
  ),
  {
    ...text(
      'AWS-QUEUE-TLS',
      'Queues are reached by TLS only',
      'a Deny without aws:SecureTransport',
      SECURITY,
    ),
    *look(template) {
      const protectedQueues = ofType(template, 'AWS::SQS::QueuePolicy')
        .filter(({ properties }) =>
          listOf(at(properties, 'PolicyDocument', 'Statement')).some(
            statement =>
              at(statement, 'Effect') === 'Deny' &&
              isEverybody(at(statement, 'Principal')) &&
              listOf(at(statement, 'Action')).includes('sqs:*') &&
              String(at(statement, 'Condition', 'Bool', 'aws:SecureTransport')) === 'false',
          ),
        )
        .flatMap(({ properties }) => listOf(properties.Queues).map(queue => referent(template, queue)?.id))
      for (const { id, path } of ofType(template, 'AWS::SQS::Queue'))
        yield { path: [...path, 'QueuePolicy'], holds: protectedQueues.includes(id), found: 'no such policy' }
    },
  },
]

const functionRules: readonly AwsRule[] = [
  property(
    text(
      'AWS-FUNCTION-KEY',
      'Settings of functions are under the operator’s key',
      'a key of this stack',
      SECURITY,
    ),
    'AWS::Lambda::Function',
    ['KmsKeyArn'],
    isOwnKey,
  ),
  property(
    text('AWS-FUNCTION-LOG', 'A function logs where this stack says', 'a log group of this stack', TRANSFER),
    'AWS::Lambda::Function',
    ['LoggingConfig', 'LogGroup'],
    (value, template) => referent(template, value)?.type === 'AWS::Logs::LogGroup',
  ),
  property(
    text(
      'AWS-FUNCTION-LAYER',
      'No code of third parties, telemetry included, runs beside the party',
      'no layer',
      MINIMUM,
    ),
    'AWS::Lambda::Function',
    ['Layers'],
    isAbsent,
  ),
  property(
    text('AWS-FUNCTION-IMAGE', 'Code comes with the deployment and from no registry', 'no image', INSTRUCTED),
    'AWS::Lambda::Function',
    ['Code', 'ImageUri'],
    isAbsent,
  ),
  {
    ...text(
      'AWS-TELEMETRY',
      'Metrics and traces go to an endpoint of the home region, or nowhere',
      'no exporter, or one of this region',
      TRANSFER,
    ),
    *look(template) {
      for (const { properties, path } of ofType(template, 'AWS::Lambda::Function'))
        for (const [name, value] of Object.entries(objectOf(at(properties, 'Environment', 'Variables'))))
          if (/ENDPOINT|COLLECTOR|APM|OTEL.*URL/i.test(name))
            yield {
              path: [...path, 'Environment', 'Variables', name],
              holds: textOf(value).includes(`.${template.home.region}.`),
              found: shown(value),
            }
    },
  },
  {
    ...text(
      'AWS-ROLE-TRUST',
      'Nobody but services of AWS takes the roles of a party: no other account, no pipeline',
      'service principals only',
      SEPARATION,
    ),
    *look(template) {
      for (const { properties, path } of ofType(template, 'AWS::IAM::Role'))
        for (const [index, statement] of listOf(
          at(properties, 'AssumeRolePolicyDocument', 'Statement'),
        ).entries()) {
          const principal = at(statement, 'Principal')
          const services = listOf(at(principal, 'Service')).map(String)
          yield {
            path: [...path, 'AssumeRolePolicyDocument', 'Statement', index, 'Principal'],
            holds:
              isObject(principal) &&
              Object.keys(principal).join() === 'Service' &&
              !services.some(service => service.startsWith('edgelambda')),
            found: shown(principal),
          }
        }
    },
  },
  property(
    text(
      'AWS-ROLE-BOUNDARY',
      'No role can be widened beyond a boundary',
      'a boundary of this stack',
      INSTRUCTED,
    ),
    'AWS::IAM::Role',
    ['PermissionsBoundary'],
    (value, template) => referent(template, value)?.type === 'AWS::IAM::ManagedPolicy',
  ),
  {
    ...text(
      'AWS-BOUNDARY-REGION',
      'Functions are refused every call to another region at run time',
      'a Deny of everything unless aws:RequestedRegion is the home region',
      TRANSFER,
    ),
    *look(template) {
      const boundaries = new Set(
        ofType(template, 'AWS::IAM::Role').flatMap(
          ({ properties }) => referent(template, properties.PermissionsBoundary) ?? [],
        ),
      )
      for (const { properties, path } of boundaries)
        yield {
          path: [...path, 'PolicyDocument'],
          holds: deniesOtherRegions(properties.PolicyDocument, template.home.region),
          found: 'no such statement',
        }
    },
  },
]

const logRules: readonly AwsRule[] = [
  property(
    text('AWS-LOG-KEEPING', 'Log lines are gone by a known day', 'a number of days', ERASURE),
    'AWS::Logs::LogGroup',
    ['RetentionInDays'],
    value => typeof value === 'number',
  ),
  property(
    text('AWS-LOG-KEY', 'Logs are encrypted under the operator’s key', 'a key of this stack', SECURITY),
    'AWS::Logs::LogGroup',
    ['KmsKeyId'],
    isOwnKey,
  ),
]

const secretRules: readonly AwsRule[] = [
  property(
    text('AWS-SECRET-REPLICA', 'The keys of the party exist in one region', 'no replica', TRANSFER),
    'AWS::SecretsManager::Secret',
    ['ReplicaRegions'],
    isAbsent,
  ),
  property(
    text(
      'AWS-SECRET-KEY',
      'The secret is encrypted under the operator’s key',
      'a key of this stack',
      SECURITY,
    ),
    'AWS::SecretsManager::Secret',
    ['KmsKeyId'],
    isOwnKey,
  ),
  property(
    text('AWS-SECRET-VALUE', 'No template and no pipeline ever holds the party’s keys', 'no value', SECURITY),
    'AWS::SecretsManager::Secret',
    ['SecretString'],
    isAbsent,
  ),
]

const generalRules: readonly AwsRule[] = [
  {
    ...text(
      'AWS-PUBLIC',
      'No table, queue, key or secret is open to everybody',
      'no Allow for everybody',
      SECURITY,
    ),
    *look(template) {
      for (const [path, statement] of resourcePolicies(template))
        yield {
          path,
          holds: !(
            statement.Effect === 'Allow' &&
            (isEverybody(statement.Principal) || statement.NotPrincipal !== undefined) &&
            Object.keys(objectOf(statement.Condition)).length === 0
          ),
          found: shown(statement),
        }
      for (const { properties, path } of ofType(template, 'AWS::Lambda::Permission'))
        yield {
          path: [...path, 'Principal'],
          holds:
            properties.Principal !== '*' ||
            properties.Action === 'lambda:InvokeFunctionUrl' ||
            properties.InvokedViaFunctionUrl === true,
          found: shown(properties.Principal),
        }
    },
  },
  {
    ...text(
      'AWS-FOREIGN-REGION',
      'No property names a region other than the home region',
      'the home region only',
      TRANSFER,
    ),
    *look(template) {
      for (const [path, value] of textsOf(template)) {
        const foreign = foreignRegions(value, template.home.region)
        yield { path, holds: foreign.length === 0, found: foreign.join(', ') }
      }
    },
  },
  {
    ...text(
      'AWS-FOREIGN-ACCOUNT',
      'No property names another account',
      'the account of the party only',
      SEPARATION,
    ),
    *look(template) {
      let own = template.home.accountId
      for (const [path, value] of textsOf(template))
        for (const account of value.match(ACCOUNT) ?? []) {
          own ??= account
          yield { path, holds: account === own, found: account }
        }
    },
  },
  {
    ...text(
      'AWS-PARTITION',
      'The same template works in every partition, the European Sovereign Cloud included',
      'no literal arn:aws: and no literal address of an endpoint',
      INSTRUCTED,
    ),
    *look(template) {
      for (const [path, value] of textsOf(template)) {
        if (path.includes('Principal') || path.includes('kms:ViaService')) continue
        yield {
          path,
          holds: !/arn:aws(-[a-z-]+)?:|https?:\/\/[^/]*amazonaws\./.test(value),
          found: shown(value),
        }
      }
    },
  },
  {
    ...text(
      'AWS-UNRESOLVED',
      'Everything that decides a place is written out in the template',
      'no parameter, no AWS::Region, no import, no value from elsewhere',
      ACCOUNTABLE,
    ),
    *look(template) {
      yield* unresolved(template)
    },
  },
  {
    ...text(
      'AWS-NAME',
      'Names and tags, which AWS keeps outside the region too, name no person',
      'no e-mail address',
      MINIMUM,
    ),
    *look(template) {
      for (const { properties, path } of template.resources)
        for (const [name, value] of Object.entries(properties))
          if (/^(Tags|.*Name|Description)$/.test(name))
            for (const [inner, found] of textsIn(value, [...path, name]))
              yield { path: inner, holds: !EMAIL.test(found), found }
    },
  },
]

const PSEUDO = new Set([
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::Partition',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
])
const FROM_ELSEWHERE = ['Fn::FindInMap', 'Fn::ImportValue', 'Fn::Transform', 'Fn::GetStackOutput']

/** Functions whose result this template alone does not show. */
function* unresolved({ document, resources }: AwsTemplate): Iterable<Sighting> {
  const known = new Set(resources.map(({ id }) => id))
  function* visit(value: unknown, path: Path): Iterable<Sighting> {
    if (typeof value === 'string') {
      yield {
        path,
        holds: !/\{\{resolve:|\$\{AWS::Region\}/.test(value),
        found: shown(value),
      }
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) yield* visit(item, [...path, index])
    } else if (isObject(value)) {
      const { Ref: name } = value
      if (name !== undefined)
        yield {
          path,
          holds: PSEUDO.has(String(name)) || known.has(String(name)),
          found: `Ref ${String(name)}`,
        }
      for (const [member, item] of Object.entries(value)) {
        if (FROM_ELSEWHERE.includes(member)) yield { path, holds: false, found: shown(value) }
        else if (member !== 'Ref') yield* visit(item, [...path, member])
      }
    }
  }
  for (const part of ['Resources', 'Outputs']) yield* visit(document[part], [part])
}

const volatile: AwsRule = {
  ...text(
    'AWS-TABLE-VOLATILE',
    'What must be destroyed at the end of a run is in a table of its own that no backup covers',
    'one table without recovery in a stack with tables',
    ERASURE,
  ),
  *look(template) {
    const tables = ofType(template, 'AWS::DynamoDB::Table')
    if (tables.length === 0) return
    const isKept = ({ properties }: AwsResource): boolean =>
      at(properties, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true &&
      at(properties, 'TimeToLiveSpecification') === undefined
    yield { path: ['Resources'], holds: !tables.every(isKept), found: 'every table is in a backup' }
  },
}

export const AWS_RULES: readonly AwsRule[] = [
  homeCountry,
  ...documentRules,
  ...namedRules,
  ...tableRules,
  ...keyRules,
  ...queueRules,
  ...functionRules,
  ...logRules,
  ...secretRules,
  ...generalRules,
  volatile,
]
