/** What the demo prints, laid out for a terminal of 100 columns; silent with --json. */
import { bold, cyan, dim, duration, green } from '../cli/style.ts'

export interface Screen {
  section(title: string): void
  text(text: string): void
  /** Says what is done, and how long it took. */
  step<T>(what: string, work: () => Promise<T>): Promise<T>
}

const WIDTH = 100

const printed = (): Screen => {
  let sections = 0
  const write = (text: string): void => void process.stdout.write(`${text}\n`)
  return {
    section: title => {
      sections++
      const rule = '─'.repeat(Math.max(0, WIDTH - title.length - String(sections).length - 3))
      write(`\n${cyan(bold(`${sections}  ${title}`))} ${dim(rule)}`)
    },
    text: write,
    step: async (what, work) => {
      const startedMs = performance.now()
      const done = await work()
      write(`${green('✓')} ${what} ${dim(duration(performance.now() - startedMs))}`)
      return done
    },
  }
}

const silent: Screen = { section: () => {}, text: () => {}, step: (_, work) => work() }

export const createScreen = (quiet: boolean): Screen => (quiet ? silent : printed())
