/** Resource types of CloudFormation that a party may consist of, and those that are named by a rule of their own. */

/** Whatever is not here is a finding: a type nobody has thought about may copy, export or replicate. */
export const ALLOWED_TYPES: ReadonlySet<string> = new Set(
  [
    'CloudWatch::Alarm CloudWatch::CompositeAlarm CloudWatch::Dashboard',
    'DynamoDB::Table',
    'EC2::EIP EC2::FlowLog EC2::InternetGateway EC2::NatGateway EC2::NetworkAcl EC2::NetworkAclEntry EC2::Route',
    'EC2::RouteTable EC2::SecurityGroup EC2::SecurityGroupEgress EC2::SecurityGroupIngress EC2::Subnet',
    'EC2::SubnetNetworkAclAssociation EC2::SubnetRouteTableAssociation EC2::VPC EC2::VPCEndpoint',
    'EC2::VPCGatewayAttachment',
    'Events::Rule',
    'IAM::ManagedPolicy IAM::Policy IAM::Role',
    'KMS::Alias KMS::Key',
    'Lambda::EventInvokeConfig Lambda::EventSourceMapping Lambda::Function Lambda::Permission Lambda::Url',
    'Logs::LogGroup Logs::MetricFilter',
    'NetworkFirewall::Firewall NetworkFirewall::FirewallPolicy NetworkFirewall::LoggingConfiguration',
    'NetworkFirewall::RuleGroup',
    'Route53Resolver::FirewallDomainList Route53Resolver::FirewallRuleGroup',
    'Route53Resolver::FirewallRuleGroupAssociation',
    'SNS::Topic SNS::TopicPolicy',
    'SQS::Queue SQS::QueuePolicy',
    'SecretsManager::ResourcePolicy SecretsManager::Secret',
  ].flatMap(line => line.split(' ').map(type => `AWS::${type}`)),
)

/** One rule each, so that a report says what such a resource would do. */
export const NAMED_TYPES = {
  'AWS-TABLE-REPLICA': /^(AWS::DynamoDB::GlobalTable|Custom::DynamoDBReplica)$/,
  'AWS-KEY-REPLICA': /^AWS::KMS::ReplicaKey$/,
  'AWS-CROSS-REGION-REFERENCE': /^Custom::CrossRegionExport(Reader|Writer)$/,
  'AWS-CUSTOM-RESOURCE': /^(Custom::.*|AWS::CloudFormation::CustomResource|AWS::CloudFormation::Macro)$/,
  'AWS-NESTED-STACK': /^AWS::CloudFormation::(Stack|StackSet|ModuleVersion)$/,
  'AWS-BACKUP-COPY': /^AWS::Backup::/,
  'AWS-EDGE': /^AWS::(CloudFront|GlobalAccelerator)::/,
  'AWS-LOG-EXPORT':
    /^AWS::(Logs::(SubscriptionFilter|Destination|AccountPolicy|Delivery.*)|ObservabilityAdmin::.*|Oam::.*|CloudWatch::MetricStream|KinesisFirehose::.*)$/,
  'AWS-BUCKET': /^AWS::(S3|S3Express|S3Tables)::/,
  'AWS-IMAGE-REPLICATION': /^AWS::ECR::/,
  'AWS-LONG-LIVED-CREDENTIAL': /^AWS::IAM::(User|AccessKey|Group|OIDCProvider|SAMLProvider)$/,
  'AWS-TELEMETRY-OF-TOOL': /^AWS::CDK::Metadata$/,
} as const
