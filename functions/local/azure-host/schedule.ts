/** Schedules of timer triggers: six fields (second, minute, hour, day, month, weekday) of numbers, in UTC. */
import { InputError } from '../../../shared/base/errors.ts'

const FIELDS = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12 },
  { name: 'weekday', min: 0, max: 6 },
] as const

/** One part of a field: `*`, `n`, `a-b`, each with `/step`. */
const PART = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/([1-9]\d*))?$/

const valuesOf = (
  text: string,
  { name, min, max }: (typeof FIELDS)[number],
  where: string,
): ReadonlySet<number> => {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [matched, from, to, step] = PART.exec(part) ?? []
    const first = from === undefined ? min : Number(from)
    const last = to === undefined ? (from === undefined || step !== undefined ? max : first) : Number(to)
    if (matched === undefined || first < min || last > max || first > last)
      throw new InputError(`the local host does not understand the ${name} ${part}`, { where })
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value)
  }
  return values
}

/** Whether a schedule is due in the second of a date. Throws InputError. */
export const compileSchedule = (schedule: string): ((date: Date) => boolean) => {
  const parts = schedule.trim().split(/\s+/)
  if (parts.length !== FIELDS.length)
    throw new InputError('a schedule has six fields: second minute hour day month weekday', {
      where: schedule,
    })
  const fields = FIELDS.map((field, index) => valuesOf(parts[index] as string, field, schedule))
  return date =>
    [
      date.getUTCSeconds(),
      date.getUTCMinutes(),
      date.getUTCHours(),
      date.getUTCDate(),
      date.getUTCMonth() + 1,
      date.getUTCDay(),
    ].every((value, index) => fields[index]?.has(value))
}
