/** A table schema from a file, with every problem in it named. */
import { InputError } from '../../shared/base/errors.ts'
import { type TableSchema, tableSchema } from '../../shared/data/schema.ts'
import { readJson } from '../sdk/node/home.ts'

export const readSchema = async (file: string): Promise<TableSchema> => {
  const parsed = tableSchema.safeParse(await readJson(file, 'the schema'))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(issue => `${issue.path.join('.') || 'schema'}: ${issue.message}`)
  throw new InputError(`this is not a schema of a table: ${problems.join('; ')}`, { where: file })
}
