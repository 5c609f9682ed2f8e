/** Names that a mistyped one may have meant. */

/** Levenshtein distance. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (next[j - 1] as number) + 1,
          (row[j] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] as number
}

/** At most three of `names`, nearest first: within two edits or a third of the length, or one containing the other. */
const closeMatches = (name: string, names: readonly string[]): readonly string[] => {
  const wanted = name.slice(0, 100).toLowerCase()
  return names
    .map(text => ({ text, far: distance(wanted, text.toLowerCase()) }))
    .filter(
      ({ text, far }) =>
        far <= Math.max(2, Math.ceil(wanted.length / 3)) ||
        (wanted.length > 2 && (text.toLowerCase().includes(wanted) || wanted.includes(text.toLowerCase()))),
    )
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ text }) => text)
}

/** A hint: close matches when there are any, else what there is. */
export const didYouMean = (name: string, names: readonly string[]): string => {
  const close = closeMatches(name, names)
  if (close.length > 0) return `Did you mean ${close.join(' or ')}?`
  const listed = names.slice(0, 12).join(', ')
  return `There is: ${listed}${names.length > 12 ? ' …' : ''}.`
}
