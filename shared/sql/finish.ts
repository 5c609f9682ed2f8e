/** At the recipient: from revealed integers, in plan order, to the report. */
import type { CompiledQuery, OutputType } from './plan.ts'

/** Integers are numbers while JavaScript holds them exactly, else text; decimals, dates and categories are text. */
export type Cell = string | number | boolean | null | { readonly suppressed: true }

export interface Report {
  readonly columns: readonly { readonly name: string; readonly type: OutputType; readonly scale: number }[]
  /** Shown groups, ordered and limited as the query says. */
  readonly rows: readonly (readonly Cell[])[]
  /** Names of the keys, and the keys of every group that is not shown: too small, empty, or refused by HAVING. */
  readonly keys: readonly string[]
  readonly suppressedGroups: readonly (readonly Cell[])[]
  readonly counts: { readonly shown: number; readonly suppressed: number }
}

export const finish = (
  _compiled: Pick<CompiledQuery, 'plan'>,
  _values: readonly bigint[],
  _options: { includeSuppressed?: boolean } = {},
): Report => {
  throw new Error('not written yet')
}
