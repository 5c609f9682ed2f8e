/** A Terraform stack in JSON as the rules read it: azurerm resources, and the ARM resources inside template deployments. */
import { normalLocation } from './countries.ts'
import type { Home } from './home.ts'
import { at, isObject, type JsonObject, listOf, objectOf } from './json.ts'
import type { Path } from './rule.ts'

export interface AzureResource {
  readonly type: string
  readonly body: JsonObject
  readonly path: Path
}

export interface AzureStack {
  readonly home: Home
  readonly document: JsonObject
  readonly resources: readonly AzureResource[]
  /** Resources of ARM templates; their types begin with `Microsoft.`. */
  readonly arm: readonly AzureResource[]
  /** Deployments whose template is no JSON that could be read. */
  readonly unreadable: readonly Path[]
}

const DEPLOYMENT = /^azurerm_resource_group_template_deployment$/

/** Template contents are texts; they are read and put in their place, so that every rule looks into them. */
const withArm = (document: JsonObject): { document: JsonObject; unreadable: readonly Path[] } => {
  const unreadable: Path[] = []
  const resource = Object.fromEntries(
    Object.entries(objectOf(document.resource)).map(([type, named]) => [
      type,
      !DEPLOYMENT.test(type)
        ? named
        : Object.fromEntries(
            Object.entries(objectOf(named)).map(([name, body]) => {
              const path = ['resource', type, name]
              try {
                const template: unknown = JSON.parse(String(at(body, 'template_content')))
                if (!isObject(template) || !Array.isArray(template.resources)) unreadable.push(path)
                return [name, { ...objectOf(body), template_content: template }]
              } catch {
                unreadable.push(path)
                return [name, body]
              }
            }),
          ),
    ]),
  )
  return { document: { ...document, resource }, unreadable }
}

function* nested(resources: unknown, path: Path, parent = ''): Iterable<AzureResource> {
  for (const [index, body] of listOf(resources).entries()) {
    const own = String(at(body, 'type'))
    const type = parent === '' || own.includes('.') ? own : `${parent}/${own}`
    const here = [...path, index]
    yield { type, body: objectOf(body), path: here }
    yield* nested(at(body, 'resources'), [...here, 'resources'], type)
  }
}

export const readStack = (json: unknown, home: Home): AzureStack => {
  const { document, unreadable } = withArm(objectOf(json))
  const resources = Object.entries(objectOf(document.resource)).flatMap(([type, named]) =>
    Object.entries(objectOf(named)).map(([name, body]) => ({
      type,
      body: objectOf(body),
      path: ['resource', type, name],
    })),
  )
  const arm = resources.flatMap(({ body, path }) => [
    ...nested(at(body, 'template_content', 'resources'), [...path, 'template_content', 'resources']),
  ])
  return { home, document, resources, arm, unreadable }
}

export const ofAzureType = (
  { resources }: AzureStack,
  ...types: readonly string[]
): readonly AzureResource[] => resources.filter(({ type }) => types.includes(type))

const REFERENCE = /^\$\{(azurerm_[a-z0-9_]+)\.([A-Za-z0-9_-]+)(?:\.([a-z_.]+))?\}/

/** The resource of this stack that `${azurerm_x.Name.attribute}` refers to. */
export const azureReferent = ({ resources }: AzureStack, value: unknown): AzureResource | undefined => {
  const [, type, name] = REFERENCE.exec(String(value)) ?? []
  return resources.find(({ path }) => path[1] === type && path[2] === name)
}

/** A location as it is written, or that of the resource it is taken from; undefined when the stack does not show it. */
export const locationOf = (stack: AzureStack, value: unknown, depth = 0): string | undefined => {
  if (typeof value !== 'string' || depth > 5) return undefined
  if (!value.includes('${')) return normalLocation(value)
  const source = azureReferent(stack, value)
  return /\.location\}$/.test(value) ? locationOf(stack, source?.body.location, depth + 1) : undefined
}

/** `resource.azurerm_x.Name.y` is said as `azurerm_x.Name.y`. */
export const nameInStack = (path: Path): string => path.slice(path[0] === 'resource' ? 1 : 0).join('.')
