/**
 * A synthesized template as LocalStack can deploy it without Docker: without functions and what LocalStack does not know, and
 * without whatever refers to those, each named with the reason. What the functions need to know stands in outputs instead.
 */
import type { PartyFunctionName } from '../../functions/local/party/party-functions.ts'

interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>
  readonly [section: string]: unknown
}

interface LeftOut {
  readonly id: string
  readonly type: string
  readonly why: string
}

export interface Fitted {
  readonly template: Template
  readonly leftOut: readonly LeftOut[]
}

const HOST = 'runs on our Lambda host'
const UNKNOWN = 'LocalStack does not know it'
const LEFT_OUT: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': HOST,
  'AWS::Lambda::Url': HOST,
  'AWS::Lambda::EventSourceMapping': HOST,
  'AWS::Lambda::Permission': HOST,
  'AWS::CloudWatch::Dashboard': UNKNOWN,
  'AWS::Logs::MetricFilter': UNKNOWN,
}

/** Names of resources, parameters and pseudo parameters that a part of a template refers to. */
export const referencesIn = (node: unknown): readonly string[] => {
  if (Array.isArray(node)) return node.flatMap(referencesIn)
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([name, value]): readonly string[] => {
    if (name === 'Ref') return [String(value)]
    if (name === 'Fn::GetAtt')
      return [String(Array.isArray(value) ? value[0] : value).split('.')[0] as string]
    if (name === 'DependsOn') return [value].flat().map(String)
    if (name !== 'Fn::Sub') return referencesIn(value)
    const [text, values = {}] = [value].flat() as [string, Record<string, unknown>?]
    const named = [...text.matchAll(/\$\{([^!}][^}.]*)[^}]*\}/g)].map(([, one]) => one as string)
    return [...named.filter(one => !(one in values)), ...referencesIn(values)]
  })
}

const leftOutOf = (resources: Template['Resources']): readonly LeftOut[] => {
  const gone = new Map<string, LeftOut>()
  const note = (id: string, why: string): void => {
    gone.set(id, { id, type: (resources[id] as Resource).Type, why })
  }
  for (const [id, { Type }] of Object.entries(resources)) {
    const why = LEFT_OUT[Type]
    if (why !== undefined) note(id, why)
  }
  for (let before = -1; before !== gone.size; ) {
    before = gone.size
    for (const [id, resource] of Object.entries(resources)) {
      const missing = gone.has(id) ? undefined : referencesIn(resource).find(name => gone.has(name))
      if (missing !== undefined) note(id, `refers to ${missing}`)
    }
  }
  return [...gone.values()]
}

/** The handler of each function is named after it. */
export const functionsIn = (
  template: Template,
): Readonly<Record<PartyFunctionName, Readonly<Record<string, unknown>>>> => {
  const found = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function')
  return Object.fromEntries(
    found.map(({ Properties = {} }) => [String(Properties.Handler).split('.')[0], Properties]),
  ) as ReturnType<typeof functionsIn>
}

export const environmentOutput = (name: string): string => `EnvironmentOf${name}`

/** One `NAME=value` a line. */
const environmentValue = (properties: Readonly<Record<string, unknown>>): unknown => {
  const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, unknown> }
  const lines = Object.entries(Variables).map(([name, value]) => ({ 'Fn::Join': ['=', [name, value]] }))
  return { 'Fn::Join': ['\n', lines] }
}

export const readEnvironment = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').map(line => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1)]
    }),
  )

export const fitTemplate = (template: Template): Fitted => {
  // The version of the CDK's bootstrap is a parameter of an account that was bootstrapped; only the upload of code needs it.
  const { Parameters: _parameters, Rules: _rules, Resources, Outputs = {}, ...rest } = template
  const leftOut = leftOutOf(Resources)
  const gone = new Set(leftOut.map(({ id }) => id))
  const kept = <T>(from: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(from).filter(
        ([id, one]) => !gone.has(id) && !referencesIn(one).some(name => gone.has(name)),
      ),
    )
  const environments = Object.entries(functionsIn(template)).map(([name, properties]) => [
    environmentOutput(name),
    { Value: environmentValue(properties) },
  ])
  return {
    template: {
      ...rest,
      Resources: kept(Resources),
      Outputs: { ...kept(Outputs), ...Object.fromEntries(environments) },
    },
    leftOut,
  }
}
