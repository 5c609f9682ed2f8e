/**
 * Resources that azurerm cannot make as this party needs them, through Azure's control plane: an ARM template that
 * Terraform hands over. Three kinds, each with its reason where it is made: tables, the storage key, the function app.
 *
 * Terraform sees that a template changed, not what changed in it, nor what somebody changed in Azure meanwhile. So these
 * are as few as can be.
 */
import type { ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import { type ResourceGroup, ResourceGroupTemplateDeployment } from './azurerm.ts'

export interface ArmResource {
  readonly type: string
  readonly apiVersion: string
  readonly name: string
  readonly location?: string
  readonly kind?: string
  readonly identity?: unknown
  readonly properties: unknown
  readonly dependsOn?: readonly string[]
}

interface ArmDeploymentProps {
  readonly name: string
  readonly group: ResourceGroup
  readonly resources: readonly ArmResource[]
  readonly after?: ITerraformDependable[]
}

const SCHEMA = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'

export const armDeployment = (
  scope: Construct,
  id: string,
  { name, group, resources, after = [] }: ArmDeploymentProps,
): ResourceGroupTemplateDeployment =>
  new ResourceGroupTemplateDeployment(scope, id, {
    name,
    resourceGroupName: group.name,
    // "Complete" deletes whatever else is in the resource group.
    deploymentMode: 'Incremental',
    templateContent: JSON.stringify({ $schema: SCHEMA, contentVersion: '1.0.0.0', resources }),
    dependsOn: after,
  })
