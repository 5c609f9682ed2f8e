/** What a local host writes: the lines of the functions as they are, and its own events as one JSON object a line. */

export interface HostLog {
  /** A line that a function wrote to stdout or stderr, without its line end. */
  line(text: string): void
  event(name: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void
}

export const hostLog = (host: string, write: (line: string) => void): HostLog => ({
  line: text => write(`${text}\n`),
  event: (name, fields = {}) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), host, event: name, ...fields })}\n`),
})
