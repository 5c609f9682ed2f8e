/** Reading of parsed JSON whose shape nobody has promised. */
import type { Path } from './rule.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {})

/** A list, or the one thing that stands in place of a list of one. */
export const listOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]

/** The value at a path; undefined when there is none. */
export const at = (value: unknown, ...path: Path): unknown =>
  path.reduce<unknown>(
    (inner, step) => (inner === null || inner === undefined ? undefined : (inner as JsonObject)[step]),
    value,
  )

/** A value as a finding shows it. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 160 ? `${text.slice(0, 157)}...` : text
}

/** Every text in a value with its path. Names of members are texts too: a map may be keyed by region. */
export function* textsIn(
  value: unknown,
  path: Path,
  flatten: (value: JsonObject) => string | undefined = () => undefined,
): Iterable<readonly [Path, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* textsIn(item, [...path, index], flatten)
  else if (isObject(value)) {
    const whole = flatten(value)
    if (whole !== undefined) yield [path, whole]
    for (const [name, item] of Object.entries(value)) {
      yield [[...path, name], name]
      yield* textsIn(item, [...path, name], flatten)
    }
  }
}

/** Addresses of people have no place in names, tags and settings: providers keep these outside the region. */
export const EMAIL = /[a-z0-9._%+-]+@[a-z0-9-]+\.[a-z]{2,}/i
