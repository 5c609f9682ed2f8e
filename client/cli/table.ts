/** A report as a table in the terminal: one row a group, a bar beside every number, suppressed cells marked. */
import Table from 'cli-table3'
import type { Cell, Report } from '../../shared/sql/finish.ts'
import { bold, cyan, dim } from './style.ts'

const BAR_WIDTH = 10
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** A horizontal bar of up to `width` characters, in eighths of a character. */
export const bar = (share: number, width = BAR_WIDTH): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
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

const isNumeric = (report: Report, column: number): boolean =>
  ['integer', 'decimal'].includes(report.columns[column]?.type ?? '')

/** Whether anything in this row may be shown beside its keys. */
const shownRow = (report: Report, row: readonly Cell[]): boolean =>
  row.some((cell, i) => isNumeric(report, i) && !isSuppressed(cell)) || !row.some(isSuppressed)

/**
 * Suppressed groups are folded into one line under the table unless `allRows` is set: a cross product of keys has many,
 * and each says the same thing.
 */
export const reportTable = (report: Report, options: { readonly allRows?: boolean; readonly rowsMax?: number } = {}): string => {
  const visible = options.allRows === true ? report.rows : report.rows.filter(row => shownRow(report, row))
  const rows = visible.slice(0, options.rowsMax ?? visible.length)
  const numeric = report.columns.map((_, i) => isNumeric(report, i))
  const largest = report.columns.map((_, i) =>
    Math.max(...rows.map(row => (numeric[i] && !isSuppressed(row[i] ?? null) ? Math.abs(Number(row[i])) : 0)), 0),
  )
  const table = new Table({
    head: report.columns.flatMap((column, i) => (numeric[i] ? [bold(column.name), ''] : [bold(column.name)])),
    colAligns: report.columns.flatMap((_, i): ('left' | 'right')[] => (numeric[i] ? ['right', 'left'] : ['left'])),
    chars: PLAIN_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const row of rows) {
    table.push(
      row.flatMap((cell, i) => {
        const text = isSuppressed(cell) ? dim('suppressed') : cell === null ? dim('NULL') : String(cell)
        if (!numeric[i]) return [text]
        if (cell === null || isSuppressed(cell)) return [text, '']
        return [grouped(String(cell)), cyan(bar(Math.abs(Number(cell)) / (largest[i] || 1)))]
      }),
    )
  }
  const notes: string[] = []
  if (visible.length > rows.length) notes.push(`${visible.length - rows.length} more rows not shown here`)
  const folded = report.rows.length - visible.length
  if (folded > 0) notes.push(`${folded} of ${report.rows.length} groups suppressed: empty, or fewer rows than the minimum`)
  const foot = notes.length === 0 ? '' : `\n${notes.map(note => dim(note)).join('\n')}`
  return trimLines(table.toString()) + foot
}

/** Removes the padding at the end of lines, which wraps in a narrow terminal. */
const trimLines = (text: string): string =>
  text
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')
