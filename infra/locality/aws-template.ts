/** A CloudFormation template as the rules read it: resources with their types, and texts with their functions resolved. */
import type { Home } from './home.ts'
import { at, isObject, type JsonObject, objectOf, textsIn } from './json.ts'
import type { Path } from './rule.ts'

export interface AwsResource {
  readonly id: string
  readonly type: string
  readonly properties: JsonObject
  /** Of the properties. */
  readonly path: Path
}

export interface AwsTemplate {
  readonly home: Home
  readonly document: JsonObject
  readonly resources: readonly AwsResource[]
}

export const readTemplate = (template: unknown, home: Home): AwsTemplate => {
  const document = objectOf(template)
  const resources = Object.entries(objectOf(document.Resources)).map(([id, resource]) => ({
    id,
    type: String(at(resource, 'Type')),
    properties: objectOf(at(resource, 'Properties')),
    path: ['Resources', id, 'Properties'],
  }))
  return { home, document, resources }
}

export const ofType = ({ resources }: AwsTemplate, ...types: readonly string[]): readonly AwsResource[] =>
  resources.filter(({ type }) => types.includes(type))

const SUBSTITUTE = /\$\{([^!}][^}]*)\}/g

/** A text that CloudFormation puts together, with `<name>` for what it fills in; undefined for anything else. */
const flatten = (value: JsonObject): string | undefined => {
  const { 'Fn::Join': join, 'Fn::Sub': sub } = value
  if (Array.isArray(join) && Array.isArray(join[1]))
    return join[1].map(part => textOf(part)).join(String(join[0]))
  if (sub !== undefined) {
    const [pattern, values] = Array.isArray(sub) ? sub : [sub, {}]
    return String(pattern).replaceAll(SUBSTITUTE, (_, name: string) =>
      at(values, name) === undefined ? `<${name}>` : textOf(at(values, name)),
    )
  }
  return undefined
}

export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (!isObject(value)) return String(value)
  return flatten(value) ?? `<${String(value.Ref ?? JSON.stringify(Object.values(value)[0]))}>`
}

/** Every text of every resource and output, joined ones as wholes. */
export function* textsOf({ document }: AwsTemplate): Iterable<readonly [Path, string]> {
  for (const part of ['Resources', 'Outputs', 'Mappings', 'Conditions'])
    yield* textsIn(document[part], [part], flatten)
}

/** The resource of this template that a value refers to. */
export const referent = (template: AwsTemplate, value: unknown): AwsResource | undefined => {
  const attribute = at(value, 'Fn::GetAtt')
  const name =
    at(value, 'Ref') ?? (Array.isArray(attribute) ? attribute[0] : String(attribute ?? '').split('.')[0])
  return template.resources.find(({ id }) => id === name)
}

/** `Resources.Table.Properties.X` is said as `Table.X`. */
export const nameInTemplate = (path: Path): string => {
  const [part, ...rest] = path
  if (part !== 'Resources') return path.join('.')
  return rest.filter((step, at) => !(at === 1 && step === 'Properties')).join('.')
}
