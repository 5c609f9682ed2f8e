/** Numbers as SQL writes them, exactly. */

/** More digits than any bound of ours, and few enough to compute with. */
const MOST_DIGITS = 40

/** `1.50` is {value: 150n, scale: 2}; `1e3` is {value: 1000n, scale: 0}; undefined when it is not decimal or too long. */
export const parseNumber = (text: string): { readonly value: bigint; readonly scale: number } | undefined => {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.replaceAll('_', ''))
  if (match === null || (match[2] === '' && !match[3])) return undefined
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  const exponent = Number(match[4] ?? '0') - fraction.length
  if (Math.abs(exponent) > MOST_DIGITS || (match[2] as string).length + fraction.length > MOST_DIGITS)
    return undefined
  const digits = BigInt(`${match[1]}${match[2]}${fraction}`)
  return exponent >= 0
    ? { value: digits * 10n ** BigInt(exponent), scale: 0 }
    : { value: digits, scale: -exponent }
}
