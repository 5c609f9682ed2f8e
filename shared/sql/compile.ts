/** From SQL text to everything that is agreed before a run. */
import type { TableSchema } from '../data/schema.ts'
import type { CompiledQuery } from './plan.ts'

export interface CompileOptions {
  readonly schema: TableSchema
  /** Rows of all dataset versions together; public. */
  readonly rows: number
  readonly minimumGroupSize: number
}

export const compile = async (_sql: string, _options: CompileOptions): Promise<CompiledQuery> => {
  throw new Error('not written yet')
}
