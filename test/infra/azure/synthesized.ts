/** The stack of a party with some settings, as Terraform would read it. */
import { Testing } from 'cdktf'
import { PartyStack } from '../../../infra/azure/party-stack.ts'
import type { PartyProps } from '../../../infra/azure/props.ts'
import { readSettings } from '../../../infra/azure/settings.ts'

// biome-ignore lint/suspicious/noExplicitAny: the shape of what is written is what the tests ask about
export type Json = any

export const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555'

export const synthesized = (settings: Readonly<Record<string, string>> = {}) => {
  const props: PartyProps = readSettings({ 'subscription-id': SUBSCRIPTION, ...settings })
  const stack = new PartyStack(Testing.app({ stackTraces: false }), `trias-party-${props.party}`, props)
  const json: Json = JSON.parse(Testing.synth(stack))
  const ofType = (type: string): Record<string, Json> => json.resource[type] ?? {}
  const templates = Object.values(ofType('azurerm_resource_group_template_deployment')).flatMap(
    (deployment: Json) => JSON.parse(deployment.template_content).resources as Json[],
  )
  const armOfType = (type: string): Json[] => templates.filter(one => one.type === type)
  const [site] = armOfType('Microsoft.Web/sites')
  return {
    json,
    ofType,
    armOfType,
    templates,
    /** Type and name of every resource of the provider. */
    resources: Object.entries(json.resource as Record<string, Record<string, Json>>).flatMap(([type, all]) =>
      Object.entries(all).map(([id, properties]) => ({ type, id, properties })),
    ),
    site,
    appSettings: Object.fromEntries(
      site.properties.siteConfig.appSettings.map(({ name, value }: Json) => [name, value]),
    ) as Record<string, string>,
  }
}
