/** Writes rows as CSV (RFC 4180); null is an empty field. */
export const toCsv = (names: readonly string[], rows: readonly (readonly (string | null)[])[]): string => {
  const quoted = (cell: string | null): string =>
    cell !== null && /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : (cell ?? '')
  return `${[names, ...rows].map(row => row.map(quoted).join(',')).join('\n')}\n`
}
