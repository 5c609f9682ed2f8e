/** Privacy parameters as exact decimals: a text with up to three decimals, counted in thousandths. */
import { z } from 'zod'

const MILLI_MAX = 1_000_000

export const milliOf = (epsilon: string): number => {
  const [whole = '', part = ''] = epsilon.split('.')
  return Number(whole) * 1000 + Number(part.padEnd(3, '0'))
}

export const epsilonOf = (milli: number): string => `${milli / 1000}`

/** From 0.001 to 1000; larger ones protect nothing. */
export const epsilonText = z
  .string()
  .regex(/^\d{1,4}(\.\d{1,3})?$/, 'expected a number such as 0.5, as text, with up to three decimals')
  .refine(text => milliOf(text) >= 1 && milliOf(text) <= MILLI_MAX, 'expected a number from 0.001 to 1000')
