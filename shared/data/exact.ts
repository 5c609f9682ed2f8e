/**
 * Numbers and dates as text, and back, without floating point: what a person wrote is what is computed with. Nothing
 * here puts the text it was given into an error; a caller says where the trouble is, not what the cell held.
 */

/** Why a text is not an exact number of the wanted scale. */
export type Inexact = 'not a number' | 'too many decimals'

/** Longer texts are no amounts of ours, and turning them into a bigint would take time the sender chooses. */
const LONGEST_NUMBER = 64

/** `text` × 10^scale, exactly: `parseScaled('-12.5', 2)` is -1250n. Zeros past the scale are no extra decimals. */
export const parseScaled = (text: string, scale: number): bigint | Inexact => {
  const match = text.length <= LONGEST_NUMBER ? /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text) : null
  if (match === null) return 'not a number'
  const whole = match[2] as string
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  if (whole === '' && (match[3] ?? '') === '') return 'not a number'
  if (fraction.length > scale) return 'too many decimals'
  const magnitude = BigInt(`${whole}${fraction.padEnd(scale, '0')}` || '0')
  return match[1] === '-' ? -magnitude : magnitude
}

/** The inverse, always with `scale` decimals: `formatScaled(-1250n, 2)` is '-12.50'. */
export const formatScaled = (value: bigint, scale: number): string => {
  if (scale === 0) return value.toString()
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const MS_PER_DAY = 86_400_000

/** Days since 1970-01-01 of an ISO date `YYYY-MM-DD`, or undefined when there is no such day. */
export const parseDate = (text: string): bigint | undefined => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const ms = Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return undefined
  return BigInt(ms / MS_PER_DAY)
}

/** The inverse, for the years 0 to 9999. */
export const formatDate = (days: bigint): string =>
  new Date(Number(days) * MS_PER_DAY).toISOString().slice(0, 10)
