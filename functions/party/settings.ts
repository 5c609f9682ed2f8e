/** Settings that every party understands, wherever it runs: the forms in which a configuration may give them. */
import { z } from 'zod'
import { InputError } from '../../shared/base/errors.ts'

const millis = z.int().min(1).exactOptional()
const perMinute = z.int().min(1).exactOptional()

/** See `Deadlines`; what is left out keeps its default. */
export const deadlinesSetting = z.strictObject({
  roundMs: millis,
  runMs: millis,
  readyMs: millis,
  postMs: millis,
  leaseMs: millis,
  lingerMs: millis,
  skewMs: millis,
})

/** See `Limits`, likewise. */
export const limitsSetting = z.strictObject({
  strangers: perMinute,
  reads: perMinute,
  writes: perMinute,
  frames: perMinute,
})

/** A variable of the environment that holds JSON. */
export const jsonVariable = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue('is not JSON')
        return z.NEVER
      }
    })
    .pipe(schema)

/** The settings of a function from its environment, which `where` names. Throws InputError, which names the variable. */
export const readVariables = <T extends z.ZodType>(
  schema: T,
  environment: NodeJS.ProcessEnv,
  where: string,
): z.infer<T> => {
  const parsed = schema.safeParse(environment)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const [variable, ...member] = issue?.path ?? []
  throw new InputError(`${[variable, ...member].join('.')}: ${issue?.message}`, {
    where,
    hint: `set ${String(variable)}`,
  })
}
