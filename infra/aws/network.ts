/**
 * The private network, for operators who want the functions to reach their two peers and nothing else. Tables, queues and
 * the secret are reached through endpoints that serve this account only. Everything else leaves through a firewall that
 * lets TLS connections through by the name that they ask for, and names are resolved only when they are on the list.
 *
 *   functions ─▶ endpoints: DynamoDB, SQS, Secrets Manager
 *   functions ─▶ firewall ─▶ NAT ─▶ internet ─▶ the two peers
 *
 * Each zone has a firewall of its own, because a firewall over several zones does not say in its attributes which
 * endpoint is in which zone, and asking for it would take a custom resource.
 */
import { Fn, Stack } from 'aws-cdk-lib'
import {
  CfnRoute,
  FlowLogDestination,
  GatewayVpcEndpoint,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { AnyPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  CfnFirewall,
  CfnFirewallPolicy,
  CfnLoggingConfiguration,
  CfnRuleGroup,
} from 'aws-cdk-lib/aws-networkfirewall'
import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from 'aws-cdk-lib/aws-route53resolver'
import { Construct } from 'constructs'
import type { FunctionsPlace } from './functions.ts'
import { type LogKeeping, logGroup } from './logs.ts'
import { ROLE_PATH } from './names.ts'

export interface NetworkOptions {
  /** Host names of the two peers, as in their endpoints. */
  readonly peerHosts: readonly string[]
  /** Availability zones: 1, or 2 that go on when one is down, at twice the cost. */
  readonly zones: 1 | 2
  /** A /22 that nothing else in this account's networks uses. */
  readonly cidr: string
}

interface PartyNetworkProps extends NetworkOptions {
  readonly logs: LogKeeping
  readonly retire: boolean
}

const HTTPS = Port.tcp(443)
/** A rule group takes no more rules later than it was made for. */
const HOSTS_MAX = 10

export class PartyNetwork extends Construct {
  readonly place: FunctionsPlace
  /** Which way requests to the tables come. */
  readonly tableEndpointId: string

  constructor(scope: Construct, id: string, props: PartyNetworkProps) {
    super(scope, id)
    // With `exactOptionalPropertyTypes` the class does not fit its own interface.
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(props.cidr),
      maxAzs: props.zones,
      natGateways: props.zones,
      // Closing the default group takes a custom resource. Nothing is in it, and nothing here can be put into it.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Functions', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 26 },
        { name: 'Firewall', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 28 },
        { name: 'Exit', subnetType: SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false },
      ],
    }) as IVpc
    const functions = new SecurityGroup(this, 'Functions', {
      vpc,
      allowAllOutbound: false,
      description: 'Trias: functions of the party',
    })
    // Which addresses these are, the firewall and the routes decide: clouds change theirs.
    functions.addEgressRule(Peer.anyIpv4(), HTTPS, 'TLS, to endpoints and through the firewall')
    const vpcSubnets = { subnetGroupName: 'Functions' }
    this.place = { vpc, vpcSubnets, securityGroups: [functions] }
    this.tableEndpointId = this.endpoints(vpc, functions)
    this.firewalls(vpc, props)
    this.names(vpc, props)
    this.flows(vpc, props)
  }

  private endpoints(vpc: IVpc, functions: SecurityGroup): string {
    const { account, region } = Stack.of(this)
    /** Neither a stranger's credentials nor a stranger's tables can be used through an endpoint. */
    const thisAccount = (service: string): PolicyStatement =>
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: [`${service}:*`],
        resources: ['*'],
        conditions: {
          StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account },
        },
      })
    const subnets = { subnetGroupName: 'Functions' }
    const tables = new GatewayVpcEndpoint(this, 'Tables', {
      vpc,
      // The constant of the CDK leaves the region to CloudFormation, and then the template alone does not show it.
      service: { name: `com.amazonaws.${region}.dynamodb` },
      subnets: [subnets],
    })
    tables.addToPolicy(thisAccount('dynamodb'))
    const endpoints = new SecurityGroup(this, 'Endpoints', {
      vpc,
      allowAllOutbound: false,
      description: 'Trias: endpoints of AWS services',
    })
    endpoints.addIngressRule(functions, HTTPS, 'TLS from the functions')
    for (const [name, service, prefix] of [
      ['Queues', InterfaceVpcEndpointAwsService.SQS, 'sqs'],
      ['Secrets', InterfaceVpcEndpointAwsService.SECRETS_MANAGER, 'secretsmanager'],
    ] as const)
      new InterfaceVpcEndpoint(this, name, {
        vpc,
        service,
        subnets,
        securityGroups: [endpoints],
        open: false,
        privateDnsEnabled: true,
      }).addToPolicy(thisAccount(prefix))
    return tables.vpcEndpointId
  }

  private firewalls(vpc: IVpc, { peerHosts, logs, retire }: PartyNetworkProps): void {
    const { stackName } = Stack.of(this)
    const peers = new CfnRuleGroup(this, 'Peers', {
      ruleGroupName: `${stackName}-peers`,
      description: 'Trias: TLS to the two peers',
      type: 'STATEFUL',
      capacity: HOSTS_MAX,
      ruleGroup: {
        rulesSource: {
          rulesSourceList: {
            generatedRulesType: 'ALLOWLIST',
            targetTypes: ['TLS_SNI'],
            targets: [...peerHosts],
          },
        },
        statefulRuleOptions: { ruleOrder: 'STRICT_ORDER' },
      },
    })
    const policy = new CfnFirewallPolicy(this, 'OnlyPeers', {
      firewallPolicyName: `${stackName}-only-peers`,
      description: 'Trias: what is on no list is dropped',
      firewallPolicy: {
        statelessDefaultActions: ['aws:forward_to_sfe'],
        statelessFragmentDefaultActions: ['aws:forward_to_sfe'],
        statefulDefaultActions: ['aws:drop_established', 'aws:alert_established'],
        statefulEngineOptions: { ruleOrder: 'STRICT_ORDER', streamExceptionPolicy: 'DROP' },
        statefulRuleGroupReferences: [{ resourceArn: peers.attrRuleGroupArn, priority: 1 }],
      },
    })
    const refused = logGroup(this, 'Refused', logs)
    const group = (name: string): ISubnet[] => vpc.selectSubnets({ subnetGroupName: name }).subnets
    const [functions, walls, exits] = [group('Functions'), group('Firewall'), group('Exit')]
    for (const [zone, wall] of walls.entries()) {
      const firewall = new CfnFirewall(this, `Firewall${zone}`, {
        firewallName: `${stackName}-${zone}`,
        firewallPolicyArn: policy.attrFirewallPolicyArn,
        vpcId: vpc.vpcId,
        subnetMappings: [{ subnetId: wall.subnetId }],
        deleteProtection: !retire,
      })
      new CfnLoggingConfiguration(this, `Firewall${zone}Log`, {
        firewallArn: firewall.attrFirewallArn,
        loggingConfiguration: {
          logDestinationConfigs: [
            {
              logType: 'ALERT',
              logDestinationType: 'CloudWatchLogs',
              logDestination: { logGroup: refused.logGroupName },
            },
          ],
        },
      })
      // `zone:endpoint`, of the one zone that this firewall is in.
      const vpcEndpointId = Fn.select(1, Fn.split(':', Fn.select(0, firewall.attrEndpointIds)))
      const [from, exit] = [functions[zone] as ISubnet, exits[zone] as ISubnet]
      new CfnRoute(this, `Out${zone}`, {
        routeTableId: from.routeTable.routeTableId,
        destinationCidrBlock: '0.0.0.0/0',
        vpcEndpointId,
      })
      // Answers have to pass the same firewall, or it drops what it has not seen begin.
      new CfnRoute(this, `Back${zone}`, {
        routeTableId: exit.routeTable.routeTableId,
        destinationCidrBlock: from.ipv4CidrBlock,
        vpcEndpointId,
      })
    }
  }

  /** A name that nobody may ask for can carry nothing out either. */
  private names(vpc: IVpc, { peerHosts, retire }: PartyNetworkProps): void {
    const { region, urlSuffix, stackName } = Stack.of(this)
    const known = new CfnFirewallDomainList(this, 'KnownNames', {
      name: `${stackName}-known`,
      domains: [...peerHosts, `*.${region}.${urlSuffix}`],
    })
    const every = new CfnFirewallDomainList(this, 'EveryName', { name: `${stackName}-every`, domains: ['*'] })
    const rules = new CfnFirewallRuleGroup(this, 'NameRules', {
      name: `${stackName}-names`,
      firewallRules: [
        {
          action: 'ALLOW',
          priority: 100,
          firewallDomainListId: known.attrId,
          // The name of a peer may be another name for a name of its cloud.
          firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
        },
        { action: 'BLOCK', blockResponse: 'NODATA', priority: 200, firewallDomainListId: every.attrId },
      ],
    })
    new CfnFirewallRuleGroupAssociation(this, 'NamesOfVpc', {
      name: `${stackName}-names`,
      firewallRuleGroupId: rules.attrId,
      priority: 101,
      vpcId: vpc.vpcId,
      mutationProtection: retire ? 'DISABLED' : 'ENABLED',
    })
  }

  private flows(vpc: IVpc, { logs }: PartyNetworkProps): void {
    const role = new Role(this, 'FlowsRole', {
      description: 'Trias: writes the flow log of the network',
      path: ROLE_PATH,
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com'),
    })
    vpc.addFlowLog('Flows', {
      destination: FlowLogDestination.toCloudWatchLogs(logGroup(this, 'FlowsLog', logs), role),
    })
  }
}
