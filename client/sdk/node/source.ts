/**
 * Where an owner's rows come from: a CSV, Parquet or JSON file, or any SELECT that DuckDB can run. Every cell arrives as
 * text, as it was written: no CSV field is taken for a number or a date on the way, and a number in JSON keeps its digits.
 *
 * DuckDB's own messages quote cells. Only those that speak of the SQL text itself are passed on.
 */
import { open, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { InputError } from '../../../shared/base/errors.ts'
import type { RawTable } from '../../../shared/data/check-rows.ts'
import { quoteText, withDuckDb } from './duckdb.ts'

export type Source = { readonly file: string } | { readonly select: string }

interface TextTable extends RawTable {
  readonly columns: readonly (readonly (string | null)[])[]
}

/** Reads a source whole. `columns` keeps only those, in that order; a wanted one that is not there is left out. */
export const readSource = async (source: Source & { columns?: readonly string[] }): Promise<TextTable> => {
  const table =
    'file' in source ? await readFileSource(source.file) : await runSelect(source.select, 'SELECT')
  if (source.columns === undefined) return table
  const places = source.columns.map(name => table.names.indexOf(name)).filter(place => place >= 0)
  return {
    names: places.map(place => table.names[place] as string),
    columns: places.map(place => table.columns[place] as (string | null)[]),
  }
}

/** SQL that reads the source, for use after FROM. JSON files are read without DuckDB and have none. */
export const relationOf = async (source: Source): Promise<string> => {
  if ('select' in source) return `(${source.select.replace(/[;\s]+$/, '')}\n)`
  const kind = extname(source.file).toLowerCase()
  if (kind === '.parquet') {
    await firstLine(source.file)
    return `read_parquet(${quoteText(source.file)})`
  }
  if (kind === '.csv' || kind === '.tsv' || kind === '.txt') {
    const { delimiter, names } = headerOf(await firstLine(source.file), source.file)
    const columns = names.map(name => `${quoteText(name)}: 'VARCHAR'`)
    // Everything is said and nothing is guessed: a guess may skip lines that do not fit it.
    return `read_csv(${quoteText(source.file)}, auto_detect = false, columns = {${columns.join(', ')}},
      header = true, delim = ${quoteText(delimiter)}, quote = '"', escape = '"', strict_mode = true)`
  }
  throw new InputError(`Cannot tell what kind of file this is: ${source.file}`, {
    hint: 'Name it .csv, .tsv, .parquet, .json or .jsonl, or read it with a SELECT.',
    where: source.file,
  })
}

const readFileSource = async (file: string): Promise<TextTable> =>
  /\.(json|jsonl|ndjson)$/i.test(file)
    ? tableOfJson(await attempt(file, () => readFile(file, 'utf8')), file)
    : runSelect(`SELECT * FROM ${await relationOf({ file })}`, file)

const runSelect = (select: string, where: string): Promise<TextTable> =>
  withDuckDb(async connection => {
    try {
      const relation = await relationOf({ select })
      const result = await connection.run(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ${relation}`)
      const columns = (await result.getColumns()) as (string | null)[][]
      const names = result.columnNames()
      return { names, columns: names.map((_, i) => columns[i] ?? []) }
    } catch (error) {
      throw readable(error, where)
    }
  })

/** What may be said of a failure: the place in a file, or what DuckDB says of the SQL text; never a cell. */
const readable = (error: unknown, where: string): InputError => {
  const message = error instanceof Error ? error.message : ''
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  if (line !== undefined) {
    const count = /Expected Number of Columns: \d+ Found: \d+/.exec(message)?.[0]
    return new InputError(`The file is not a well-formed CSV at line ${line}${count ? ` (${count})` : ''}.`, {
      hint: 'Repair that line, or read the file with a SELECT over read_csv and options of your choice.',
      where: `${where}, line ${line}`,
    })
  }
  if (/^(Parser|Binder|Catalog) Error/.test(message))
    return new InputError(`The source cannot be read: ${message.split('\n')[0]}`, { where })
  const kind = /^[A-Z][A-Za-z ]{2,30} Error/.exec(message)?.[0] ?? 'error'
  return new InputError(`The source cannot be read: DuckDB reports a ${kind}.`, {
    hint: 'Its details may quote rows and are left out here; run the same SELECT in DuckDB itself to see them.',
    where,
  })
}

/** Runs a file operation; a missing or unreadable file is the owner's to repair. */
const attempt = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof InputError) throw error
    const code = (error as NodeJS.ErrnoException).code
    throw new InputError(code === 'ENOENT' ? `No such file: ${file}` : `Cannot read ${file} (${code})`, {
      hint: 'Check the path and its permissions.',
      where: file,
    })
  }
}

const HEADER_BYTES_MAX = 65_536

const firstLine = (file: string): Promise<string> =>
  attempt(file, async () => {
    const handle = await open(file)
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEADER_BYTES_MAX), 0, HEADER_BYTES_MAX, 0)
      if (bytesRead === 0) throw new InputError(`The file is empty: ${file}`, { where: file })
      return buffer.subarray(0, bytesRead).toString('utf8').split('\n', 1)[0] as string
    } finally {
      await handle.close()
    }
  })

/** Names of the columns, and the separator that the header line has most of; a comma when there is but one column. */
const headerOf = (line: string, file: string): { delimiter: string; names: readonly string[] } => {
  const header = line.replace(/^\uFEFF/, '').replace(/\r$/, '')
  const [delimiter, names] = [',', ';', '\t', '|']
    .map(separator => [separator, fieldsOf(header, separator)] as const)
    .reduce((best, other) => (other[1].length > best[1].length ? other : best))
  if (names.some(name => name === '') || new Set(names).size !== names.length)
    throw new InputError('The first line does not name every column, each by another name.', {
      hint: 'Give the file a header line.',
      where: `${file}, line 1`,
    })
  return { delimiter, names }
}

/** The fields of one line; a separator inside quotes separates nothing. */
const fieldsOf = (line: string, separator: string): readonly string[] => {
  const fields: string[] = ['']
  let quoted = false
  for (const character of line) {
    if (character === '"') quoted = !quoted
    if (character === separator && !quoted) fields.push('')
    else fields.push(`${fields.pop()}${character}`)
  }
  return fields.map(field =>
    field
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  )
}

/** Keeps the text of numbers, which a double would round. */
const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' ? (context?.source ?? String(value)) : value

/** An array of objects, or one object a line. */
const tableOfJson = (text: string, file: string): TextTable => {
  const parse = (part: string, line?: number): unknown => {
    try {
      return JSON.parse(part, keepDigits)
    } catch {
      const where = line === undefined ? file : `${file}, line ${line}`
      throw new InputError('The file is not well-formed JSON.', { where })
    }
  }
  const rows = text.trimStart().startsWith('[')
    ? (parse(text) as unknown[])
    : text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, i + 1)]))

  const places = new Map<string, (string | null)[]>()
  rows.forEach((row, r) => {
    const where = `${file}, row ${r + 1}`
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new InputError('A row is not a JSON object.', { where })
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'object' && value !== null)
        throw new InputError(`Column ${name} holds a nested value.`, {
          where,
          hint: 'Flatten it, or read the file with a SELECT over read_json.',
        })
      const cells = places.get(name) ?? new Array<string | null>(rows.length).fill(null)
      places.set(name, cells)
      cells[r] = value === null ? null : String(value)
    }
  })
  return { names: [...places.keys()], columns: [...places.values()] }
}
