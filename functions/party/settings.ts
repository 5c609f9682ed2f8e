/** Settings that every party understands, wherever it runs: the forms in which a configuration may give them. */
import { z } from 'zod'

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
