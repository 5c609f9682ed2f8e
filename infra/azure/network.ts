/**
 * The network of a party: one subnet from which the app speaks, one in which storage and vault have their addresses. What
 * leaves has one fixed address, which peers may write into their own lists. The names of storage and vault resolve to
 * addresses in here, so what the app tells them never takes a public path.
 */
import type { ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import {
  NatGateway,
  NatGatewayPublicIpAssociation,
  NetworkSecurityGroup,
  type NetworkSecurityGroupSecurityRule,
  PrivateDnsZone,
  PrivateDnsZoneVirtualNetworkLink,
  PrivateEndpoint,
  PublicIp,
  type ResourceGroup,
  Subnet,
  SubnetNatGatewayAssociation,
  SubnetNetworkSecurityGroupAssociation,
  VirtualNetwork,
} from './azurerm.ts'
import type { PrivateNetwork } from './props.ts'

interface PartyNetworkProps extends PrivateNetwork {
  readonly name: string
  readonly group: ResourceGroup
  readonly location: string
}

/** What a private endpoint leads to; each kind has a zone of names of its own. */
const ZONES = {
  blob: 'privatelink.blob.core.windows.net',
  queue: 'privatelink.queue.core.windows.net',
  table: 'privatelink.table.core.windows.net',
  vault: 'privatelink.vaultcore.azure.net',
} as const
type Service = keyof typeof ZONES

interface PartyNetwork {
  readonly subnetId: string
  /** The way out and the names; without them the app would start and reach nothing. */
  readonly ready: readonly ITerraformDependable[]
  /** Gives a resource an address in the network. */
  readonly connect: (name: string, service: Service, resourceId: string) => PrivateEndpoint
  /** The address that peers see. */
  readonly egressAddress: string
}

const outbound = (
  priority: number,
  name: string,
  to: { readonly prefix: string } | { readonly prefixes: readonly string[] },
  access: 'Allow' | 'Deny' = 'Allow',
): NetworkSecurityGroupSecurityRule => ({
  name,
  priority,
  direction: 'Outbound',
  access,
  protocol: access === 'Deny' ? '*' : 'Tcp',
  sourceAddressPrefix: '*',
  sourcePortRange: '*',
  destinationPortRange: access === 'Deny' ? '*' : '443',
  ...('prefix' in to
    ? { destinationAddressPrefix: to.prefix }
    : { destinationAddressPrefixes: [...to.prefixes] }),
})

/** `a.b.c.0/24` in two halves. */
const halvesOf = (range: string): readonly [string, string] => {
  const [a, b, c] = range.split('.')
  return [`${a}.${b}.${c}.0/25`, `${a}.${b}.${c}.128/25`]
}

export const partyNetwork = (
  scope: Construct,
  { name, group, location, addressSpace, peers }: PartyNetworkProps,
): PartyNetwork => {
  const place = { resourceGroupName: group.name, location }
  const [appRange, endpointRange] = halvesOf(addressSpace)
  const network = new VirtualNetwork(scope, 'Network', {
    ...place,
    name: `${name}-network`,
    addressSpace: [addressSpace],
  })
  const subnet = {
    resourceGroupName: group.name,
    virtualNetworkName: network.name,
    defaultOutboundAccessEnabled: false,
  }
  const app = new Subnet(scope, 'AppSubnet', {
    ...subnet,
    name: 'app',
    addressPrefixes: [appRange],
    delegation: [
      {
        name: 'functions',
        serviceDelegation: {
          name: 'Microsoft.App/environments',
          actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
        },
      },
    ],
  })
  const endpoints = new Subnet(scope, 'EndpointSubnet', {
    ...subnet,
    name: 'endpoints',
    addressPrefixes: [endpointRange],
  })

  const address = new PublicIp(scope, 'EgressAddress', {
    ...place,
    name: `${name}-egress`,
    allocationMethod: 'Static',
    sku: 'Standard',
  })
  const gateway = new NatGateway(scope, 'Egress', { ...place, name: `${name}-egress`, skuName: 'Standard' })
  const hasAddress = new NatGatewayPublicIpAssociation(scope, 'EgressHasAddress', {
    natGatewayId: gateway.id,
    publicIpAddressId: address.id,
  })
  const hasEgress = new SubnetNatGatewayAssociation(scope, 'AppHasEgress', {
    natGatewayId: gateway.id,
    subnetId: app.id,
  })

  const rules = new NetworkSecurityGroup(scope, 'EgressRules', {
    ...place,
    name: `${name}-egress-rules`,
    securityRule: [
      outbound(100, 'storage-and-vault', { prefix: 'VirtualNetwork' }),
      outbound(110, 'logs', { prefix: 'AzureMonitor' }),
      outbound(120, 'identity', { prefix: 'AzureActiveDirectory' }),
      outbound(125, 'where-storage-is', { prefix: 'AzureResourceManager' }),
      outbound(130, 'peers', peers.length === 0 ? { prefix: 'Internet' } : { prefixes: peers }),
      outbound(4096, 'nothing-else', { prefix: 'Internet' }, 'Deny'),
    ],
  })
  const hasRules = new SubnetNetworkSecurityGroupAssociation(scope, 'AppHasEgressRules', {
    subnetId: app.id,
    networkSecurityGroupId: rules.id,
  })

  const zones = new Map(
    Object.entries(ZONES).map(([service, zoneName]) => {
      const zone = new PrivateDnsZone(scope, `Names-${service}`, {
        name: zoneName,
        resourceGroupName: group.name,
      })
      const link = new PrivateDnsZoneVirtualNetworkLink(scope, `NamesInNetwork-${service}`, {
        name: `${name}-${service}`,
        resourceGroupName: group.name,
        privateDnsZoneName: zone.name,
        virtualNetworkId: network.id,
        registrationEnabled: false,
      })
      return [service as Service, { zone, link }] as const
    }),
  )
  const zoneOf = (service: Service): PrivateDnsZone => zones.get(service)!.zone
  return {
    subnetId: app.id,
    ready: [hasAddress, hasEgress, hasRules, ...[...zones.values()].map(({ link }) => link)],
    egressAddress: address.ipAddress,
    connect: (endpointName, service, resourceId) =>
      new PrivateEndpoint(scope, `Endpoint-${endpointName}`, {
        ...place,
        name: `${name}-${endpointName}`,
        subnetId: endpoints.id,
        privateServiceConnection: {
          name: endpointName,
          privateConnectionResourceId: resourceId,
          subresourceNames: [service],
          isManualConnection: false,
        },
        privateDnsZoneGroup: {
          name: 'default',
          privateDnsZoneIds: [zoneOf(service).id],
        },
      }),
  }
}
