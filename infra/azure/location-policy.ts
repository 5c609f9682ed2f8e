/**
 * Azure itself refuses what would stand elsewhere: two built-in policies over the whole subscription, one for resources
 * and one for resource groups, since the first leaves those out. Both leave out what has no place at all ("global").
 */
import type { Construct } from 'constructs'
import { SubscriptionPolicyAssignment } from './azurerm.ts'

const DEFINITIONS = '/providers/Microsoft.Authorization/policyDefinitions'
const ALLOWED_LOCATIONS = `${DEFINITIONS}/e56962a6-4747-49cd-b67b-bf8b01975c4c`
const ALLOWED_LOCATIONS_OF_GROUPS = `${DEFINITIONS}/e765b5de-1225-4ba3-bd56-1ac6695af988`

interface LocationPolicyProps {
  readonly subscriptionId: string
  readonly location: string
}

/** What everything else has to wait for. */
export const locationPolicy = (
  scope: Construct,
  { subscriptionId, location }: LocationPolicyProps,
): SubscriptionPolicyAssignment[] => {
  const assign = (id: string, name: string, policyDefinitionId: string, parameters: object) =>
    new SubscriptionPolicyAssignment(scope, id, {
      name,
      displayName: name,
      subscriptionId: `/subscriptions/${subscriptionId}`,
      policyDefinitionId,
      parameters: JSON.stringify({ listOfAllowedLocations: { value: [location] }, ...parameters }),
      enforce: true,
      nonComplianceMessage: [{ content: `This party may only have resources in ${location}.` }],
    })
  return [
    // Its later versions can be set to look on only, so the effect is said.
    assign('AllowedLocations', 'trias-allowed-locations', ALLOWED_LOCATIONS, { effect: { value: 'Deny' } }),
    assign('AllowedGroupLocations', 'trias-allowed-group-locations', ALLOWED_LOCATIONS_OF_GROUPS, {}),
  ]
}
