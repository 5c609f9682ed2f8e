/** A report as a table in the terminal: one row a group, a bar beside every number, suppressed cells marked; and as CSV. */
import Table from 'cli-table3'
import type { Cell, Report } from '../../shared/sql/finish.ts'
import { bold, cyan, dim } from './style.ts'

const BAR_WIDTH = 10
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** A horizontal bar of up to `width` characters, in eighths of a character. */
export const bar = (share: number, width = BAR_WIDTH): string => {
  const exact = Math.min(1, Math.max(0, share)) * width * 8
  // The smallest amount still shows; only nothing is nothing.
  const eighths = exact > 0 ? Math.max(1, Math.round(exact)) : 0
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
}

const isSuppressed = (cell: Cell): boolean => typeof cell === 'object' && cell !== null

/** Digits with thousands separators; the exact decimals stay as they are. */
const grouped = (text: string): string => {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(text) ?? []
  return whole === '' ? text : sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + rest
}

/** A cell as plain text; what CSV and other exports write. NULL and suppressed cells are empty there. */
export const plainCell = (cell: Cell): string => (cell === null || isSuppressed(cell) ? '' : String(cell))

const PLAIN_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Removes the padding at the end of lines, which wraps in a narrow terminal. */
const trimLines = (text: string): string =>
  text
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')

const render = (
  head: readonly string[],
  aligns: readonly ('left' | 'right')[],
  rows: readonly (readonly string[])[],
): string => {
  const table = new Table({
    head: head.map(name => (name === '' ? '' : bold(name))),
    colAligns: [...aligns],
    chars: PLAIN_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  table.push(...rows.map(row => [...row]))
  return trimLines(table.toString())
}

/** A list in columns; numbers to the right. */
export const plainTable = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const isNumber = (text: string | undefined): boolean => /^-?[\d,]+(\.\d+)?$/.test(text ?? '')
  const aligns = head.map((_, i) => (rows.every(row => isNumber(row[i])) ? 'right' : 'left'))
  return render(head, aligns, rows)
}

/** Comma-separated values (RFC 4180). */
export const reportCsv = (report: Report): string => {
  const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const lines = [report.columns.map(({ name }) => name), ...report.rows.map(row => row.map(plainCell))]
  return `${lines.map(line => line.map(quoted).join(',')).join('\n')}\n`
}

const textOf = (cell: Cell): string =>
  isSuppressed(cell) ? dim('suppressed') : cell === null ? dim('NULL') : String(cell)

/** Rows that are shown, a bar beside each number; below, how many groups are not shown, or which with `suppressed`. */
export const reportTable = (
  report: Report,
  options: { readonly suppressed?: boolean; readonly rowsMax?: number } = {},
): string => {
  const { columns, counts, suppressedGroups } = report
  const rows = report.rows.slice(0, options.rowsMax ?? report.rows.length)
  const isAmount = columns.map(({ type }) => type === 'integer' || type === 'decimal')
  const size = (cell: Cell | undefined): number =>
    typeof cell === 'number' || typeof cell === 'string' ? Math.abs(Number(cell)) : 0
  const largest = columns.map((_, i) => Math.max(0, ...rows.map(row => (isAmount[i] ? size(row[i]) : 0))))
  const body = rows.map(row =>
    row.flatMap((cell, i) => {
      if (!isAmount[i] || cell === null || isSuppressed(cell))
        return isAmount[i] ? [textOf(cell), ''] : [textOf(cell)]
      return [grouped(String(cell)), cyan(bar(size(cell) / (largest[i] || 1)).padEnd(BAR_WIDTH))]
    }),
  )
  const notes: string[] = []
  if (report.rows.length > rows.length)
    notes.push(`${report.rows.length - rows.length} more rows are not shown here`)
  if (counts.suppressed !== null && counts.suppressed > 0)
    notes.push(
      `${counts.suppressed} of ${counts.shown + counts.suppressed} groups are suppressed: too few rows, none at all, or left out by HAVING`,
    )
  if (options.suppressed === true)
    notes.push(
      ...suppressedGroups.map(
        keys => `  ${report.keys.map((key, i) => `${key} ${textOf(keys[i] ?? null)}`).join(', ')}`,
      ),
    )
  const table = render(
    columns.flatMap(({ name }, i) => (isAmount[i] ? [name, ''] : [name])),
    columns.flatMap((_, i): ('left' | 'right')[] => (isAmount[i] ? ['right', 'left'] : ['left'])),
    body,
  )
  return [table, ...notes.map(note => dim(note))].join('\n')
}
