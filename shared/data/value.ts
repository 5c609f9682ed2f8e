/**
 * One cell: from what a source gives to the integer that is dealt, and back to what a report shows. Exact both ways.
 * A problem names what is wrong with a cell and never repeats what the cell held.
 */
import { InputError } from '../base/errors.ts'
import { formatDate, formatScaled, parseDate, parseScaled } from './exact.ts'
import { type ColumnType, rangeOf } from './schema.ts'
import { gramWords } from './text/grams.ts'
import { textWords } from './text/word.ts'

/** What a source may give for one cell. A number must be a safe integer, or print as a plain decimal. */
export type RawValue = string | number | bigint | boolean | Date

export interface CellProblem {
  readonly problem: string
  readonly hint: string
}

const TEXT_LENGTH_MAX = 1000

const textOf = (value: RawValue): string =>
  value instanceof Date ? (Number.isNaN(value.getTime()) ? '' : value.toISOString()) : String(value).trim()

const describeRange = (type: ColumnType): string =>
  'min' in type ? `between ${type.min} and ${type.max}` : ''

/** The encoder of one column type, prepared once: gives the encoded integer or says what is wrong. */
export const encoderOf = (type: ColumnType): ((value: RawValue) => bigint | CellProblem) => {
  const { low, high } = rangeOf(type)
  const inRange = (value: bigint): bigint | CellProblem =>
    value >= low && value <= high
      ? value
      : { problem: 'out of range', hint: `The schema declares values ${describeRange(type)}.` }

  switch (type.kind) {
    case 'integer':
    case 'decimal': {
      const scale = type.kind === 'decimal' ? type.scale : 0
      const hint =
        scale === 0
          ? 'Expected an integer in plain digits.'
          : `Expected digits with a decimal point and at most ${scale} decimals.`
      return value => {
        const scaled = parseScaled(textOf(value), scale)
        return typeof scaled === 'bigint' ? inRange(scaled) : { problem: scaled, hint }
      }
    }
    case 'boolean':
      return value => {
        switch (textOf(value).toLowerCase()) {
          case 'true':
          case 't':
          case '1':
            return 1n
          case 'false':
          case 'f':
          case '0':
            return 0n
          default:
            return { problem: 'not a boolean', hint: 'Expected true or false.' }
        }
      }
    case 'date':
      return value => {
        // A timestamp at midnight is what DuckDB and spreadsheets make of a date; any other time would lose something.
        const text = textOf(value).replace(/[T ]00:00:00(\.0+)?Z?$/, '')
        const days = parseDate(text)
        return days === undefined
          ? { problem: 'not a date', hint: 'Expected a date as YYYY-MM-DD, without a time.' }
          : inRange(days)
      }
    case 'category': {
      const places = new Map(type.values.map((text, i) => [text, BigInt(i)]))
      return value =>
        places.get(String(value)) ?? {
          problem: 'unknown category',
          hint: `The schema lists ${type.values.length} categories; this is none of them (case and spaces count).`,
        }
    }
    case 'text':
    case 'grams': {
      const wordOf = type.kind === 'text' ? textWords(type) : gramWords(type)
      return value => {
        const text = textOf(value)
        if (text.length > TEXT_LENGTH_MAX)
          return { problem: 'too long', hint: `A text has at most ${TEXT_LENGTH_MAX} characters.` }
        return (
          wordOf(text) ?? {
            problem: 'empty text',
            hint: 'Nothing is left to compare after folding; leave the cell empty (NULL) in a nullable column.',
          }
        )
      }
    }
  }
}

/** The encoded integer of one value, such as a constant of a query; throws InputError. */
export const encodeValue = (type: ColumnType, value: RawValue): bigint => {
  const encoded = encoderOf(type)(value)
  if (typeof encoded === 'bigint') return encoded
  throw new InputError(`The value was not accepted: ${encoded.problem}.`, { hint: encoded.hint })
}

/**
 * What a report shows: integers as numbers while JavaScript holds them exactly, else as text; decimals and dates as
 * text; categories by name.
 */
export const decodeValue = (type: ColumnType, encoded: bigint): string | number | boolean => {
  switch (type.kind) {
    case 'integer':
      return encoded >= BigInt(Number.MIN_SAFE_INTEGER) && encoded <= BigInt(Number.MAX_SAFE_INTEGER)
        ? Number(encoded)
        : encoded.toString()
    case 'decimal':
      return formatScaled(encoded, type.scale)
    case 'boolean':
      return encoded !== 0n
    case 'date':
      return formatDate(encoded)
    case 'category': {
      const text = type.values[Number(encoded)]
      if (text === undefined) throw new RangeError('category outside its list')
      return text
    }
    case 'text':
    case 'grams':
      throw new RangeError('a word of a text is never shown')
  }
}
