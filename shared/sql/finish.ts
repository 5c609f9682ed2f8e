/** At the recipient: from revealed integers, in plan order, to the report. */
import type { CompiledQuery, Report } from './plan.ts'

export const finish = (
  _compiled: Pick<CompiledQuery, 'plan'>,
  _values: readonly bigint[],
  _options: { includeSuppressed?: boolean } = {},
): Report => {
  throw new Error('not written yet')
}
