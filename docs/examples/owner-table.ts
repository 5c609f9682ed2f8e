/** What the generators give: the rows that one owner has for one table, as its CSV file holds them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { toCsv } from '../../examples/support/csv.ts'

export interface OwnerTable {
  readonly owner: string
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Writes `<owner>.<table>.csv` into the folder of the command line, when the module at `url` is what Node was asked to run. */
export const writeWhenRun = async (url: string, generate: () => readonly OwnerTable[]): Promise<void> => {
  if (url !== pathToFileURL(process.argv[1] ?? '').href) return
  const folder = process.argv[2] ?? 'data'
  await mkdir(folder, { recursive: true })
  for (const { owner, table, columns, rows } of generate())
    await writeFile(join(folder, `${owner}.${table}.csv`), toCsv(columns, rows))
}
