/** What every party's log must do; each adapter's test runs this unchanged. */
import { expect, test } from 'vitest'
import type { Log } from '../../shared/port/log.ts'

export const logConformance = (name: string, open: (write: (line: string) => void) => Log): void => {
  test(`${name}: an event is one line of JSON with its time, level and fields`, () => {
    const lines: string[] = []
    const log = open(line => lines.push(line))
    log.write('warn', 'refused', { status: 403, rule: 'two\nlines', absent: undefined })
    log.write('info', 'listening')
    expect(lines).toHaveLength(2)
    for (const line of lines) expect(line.indexOf('\n')).toBe(line.length - 1)
    const event = JSON.parse(lines[0]!)
    expect(event).toMatchObject({ level: 'warn', event: 'refused', status: 403, rule: 'two\nlines' })
    expect(event).not.toHaveProperty('absent')
    expect(new Date(event.time).toISOString()).toBe(event.time)
  })

  test(`${name}: writing never throws`, () => {
    const log = open(() => {
      throw new Error('the disk is full')
    })
    expect(() => log.write('error', 'work-failed', { error: 'x' })).not.toThrow()
  })
}
