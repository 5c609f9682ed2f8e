/**
 * The schema that a data owner signs: columns with bounds, nullability, visibility and allowed uses.
 *
 * Bounds are not decoration. They give the bit width of a secret column, they let the planner prove that sums cannot
 * leave F_p, and the client checks every row against them before it deals. Every value is one integer: a decimal times
 * 10^scale, a date as days since 1970-01-01, a category as its place in the list, a boolean as 0 or 1, a text as a keyed
 * word of 60 bits, which can be compared and not read back.
 */
import { z } from 'zod'
import { widthFor } from '../bits/bits.ts'
import { FIELD_LIMIT } from '../field/field.ts'
import { parseDate, parseScaled } from './exact.ts'
import { policySchema } from './policy.ts'
import { FOLDS } from './text/normalise.ts'
import { WORD_RANGE } from './text/word.ts'

const distinct = (names: readonly string[]): boolean => new Set(names).size === names.length

/** A bound as text is exact at any size; a JSON number only while it is a safe integer. */
const integerBound = z.union([z.int(), z.string().regex(/^-?\d{1,19}$/, 'expected an integer')])
const decimalBound = z.string().regex(/^-?\d{1,19}(\.\d{1,18})?$/, 'expected a decimal number as text')
const dateBound = z.string().refine(text => parseDate(text) !== undefined, 'expected a date YYYY-MM-DD')

const integerType = z.strictObject({ kind: z.literal('integer'), min: integerBound, max: integerBound })
const decimalType = z.strictObject({
  kind: z.literal('decimal'),
  scale: z.int().min(0).max(18),
  min: decimalBound,
  max: decimalBound,
})
const booleanType = z.strictObject({ kind: z.literal('boolean') })
const dateType = z.strictObject({ kind: z.literal('date'), min: dateBound, max: dateBound })
const categoryType = z.strictObject({
  kind: z.literal('category'),
  values: z.array(z.string().min(1).max(200)).min(1).max(65_536),
})

const textType = z.strictObject({
  kind: z.literal('text'),
  /** 16 bytes in base64url, drawn once for all texts that are ever compared with each other. */
  key: z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, 'expected 16 random bytes in base64url'),
  folds: z.array(z.enum(FOLDS)).refine(folds => distinct(folds), 'folds must differ'),
  /** Texts are the same when they sound alike. */
  sound: z.literal('cologne').optional(),
})

const gramsType = textType.omit({ sound: true }).extend({ kind: z.literal('grams') })

export type ColumnType = Readonly<
  z.infer<
    | typeof integerType
    | typeof decimalType
    | typeof booleanType
    | typeof dateType
    | typeof categoryType
    | typeof textType
    | typeof gramsType
  >
>

/** The bounds as integers, or the reason why there are none. */
const boundsOf = (type: ColumnType): { low: bigint; high: bigint } | string => {
  const both = (low: bigint | string | undefined, high: bigint | string | undefined) => {
    if (typeof low !== 'bigint' || typeof high !== 'bigint') return 'a bound has more decimals than the scale'
    if (low > high) return 'min is above max'
    if (low <= -FIELD_LIMIT || high >= FIELD_LIMIT)
      return 'bounds, times 10^scale, must stay between -2^60 and 2^60'
    return { low, high }
  }
  switch (type.kind) {
    case 'integer':
      return both(BigInt(type.min), BigInt(type.max))
    case 'decimal':
      return both(parseScaled(type.min, type.scale), parseScaled(type.max, type.scale))
    case 'boolean':
      return { low: 0n, high: 1n }
    case 'date':
      return both(parseDate(type.min), parseDate(type.max))
    case 'category':
      return { low: 0n, high: BigInt(type.values.length - 1) }
    case 'text':
    case 'grams':
      return WORD_RANGE
  }
}

const columnType = z
  .discriminatedUnion('kind', [
    integerType,
    decimalType,
    booleanType,
    dateType,
    categoryType,
    textType,
    gramsType,
  ])
  .superRefine((type, context) => {
    const bounds = boundsOf(type)
    if (typeof bounds === 'string') context.addIssue({ code: 'custom', message: bounds })
    if (type.kind === 'category' && new Set(type.values).size !== type.values.length)
      context.addIssue({ code: 'custom', message: 'category values must differ', path: ['values'] })
  })

/** Names are plain lower-case SQL identifiers, so that a query never needs quotes. */
const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected a lower-case SQL identifier')

/** `show`: single values may stand in a report, row by row; all other uses only ever show totals over enough rows. */
const USES = ['filter', 'group', 'join', 'aggregate', 'show'] as const

const columnSchema = z
  .strictObject({
    name: identifier,
    type: columnType,
    nullable: z.boolean(),
    visibility: z.enum(['public', 'secret']),
    /** What a query may do with the column; anything else is refused when the query is bound. */
    uses: z.array(z.enum(USES)).refine(distinct, 'uses must differ'),
    description: z.string().max(1000).optional(),
  })
  .superRefine(({ type, uses, visibility }, context) => {
    if (type.kind !== 'text' && type.kind !== 'grams') return
    const issue = (message: string, path: string): void =>
      context.addIssue({ code: 'custom', message, path: [path] })
    if (visibility === 'public')
      issue('a text column is secret; make it a category to have it public', 'visibility')
    if (uses.includes('show')) issue('a text cannot be shown: what is shared of it is a word', 'uses')
    else if (type.kind === 'grams' && uses.some(use => use !== 'filter'))
      issue('bigrams are there for SIMILARITY in a filter, and for nothing else', 'uses')
  })

/** Most rows of one key value that a join can be planned for: each costs one more copy of the other side. */
const ROWS_OF_KEY_MAX = 1000

/**
 * At most `rowsMax` rows, over all owners together, have the same values in these columns. A join that relies on it
 * checks it inside the computation, and the run aborts where it does not hold.
 */
const keySchema = z.strictObject({
  columns: z.array(identifier).min(1).max(16).refine(distinct, 'columns of a key must differ'),
  rowsMax: z.int().min(1).max(ROWS_OF_KEY_MAX),
})

export const tableSchema = z
  .strictObject({
    table: identifier,
    columns: z
      .array(columnSchema)
      .min(1)
      .max(512)
      .refine(columns => distinct(columns.map(column => column.name)), 'column names must differ'),
    keys: z.array(keySchema).max(16).optional(),
    /** The owner's own; everything else is the same for all owners of the table. */
    policy: policySchema.optional(),
    description: z.string().max(2000).optional(),
  })
  .superRefine(({ columns, keys = [] }, context) => {
    const names = new Set(columns.map(column => column.name))
    keys.forEach((key, i) => {
      for (const name of key.columns)
        if (!names.has(name))
          context.addIssue({ code: 'custom', message: `no column ${name}`, path: ['keys', i, 'columns'] })
    })
  })

export type Use = (typeof USES)[number]
export type Column = Readonly<z.infer<typeof columnSchema>>
export type TableSchema = Readonly<z.infer<typeof tableSchema>>

/** The least and the greatest integer that a value of this type encodes to. */
export const rangeOf = (type: ColumnType): { readonly low: bigint; readonly high: bigint } => {
  const bounds = boundsOf(type)
  if (typeof bounds === 'string') throw new RangeError(`column type was not checked: ${bounds}`)
  return bounds
}

/** Decimal digits behind the point: the encoded integer is the value times 10^scale. */
export const scaleOf = (type: ColumnType): number => (type.kind === 'decimal' ? type.scale : 0)

/** Slices that hold value - low. */
export const columnWidth = (column: Column): number => {
  const { low, high } = rangeOf(column.type)
  return widthFor(high - low)
}

/** Whether a secret column of this type is also dealt in F_p. A category's place in its list is no amount, nor is a word. */
export const hasField = (type: ColumnType): boolean => !['category', 'text', 'grams'].includes(type.kind)

export const secretColumns = (schema: TableSchema): readonly Column[] =>
  schema.columns.filter(column => column.visibility === 'secret')
export const publicColumns = (schema: TableSchema): readonly Column[] =>
  schema.columns.filter(column => column.visibility === 'public')
