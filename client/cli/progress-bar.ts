/** Progress on stderr: of a run, a moving bar on a terminal and a line per change of state elsewhere; of an upload, the bar. */
import cliProgress from 'cli-progress'
import { byteCount } from '../../shared/base/byte-count.ts'
import type { UploadProgress } from '../sdk/push.ts'
import type { Progress } from '../sdk/watch.ts'
import { count, duration, harmless } from './style.ts'

export interface ProgressBar {
  show(progress: Progress): void
  stop(): void
}

const describe = (progress: Progress): string => harmless(pausedWords(progress) + words(progress))

const pausedWords = ({ paused }: Progress): string =>
  paused.map(party => `party ${party} is paused by its operator; `).join('')

const words = ({ state, stage, waitingFor }: Progress): string =>
  waitingFor.length > 0
    ? `waiting for ${waitingFor.join(', ')}`
    : state === 'running'
      ? (stage ?? state)
      : state

/** From the pace of the rounds so far. */
const estimate = ({ round, roundsTotal }: Progress, startedMs: number): string => {
  if (round === 0 || roundsTotal === 0) return ''
  const passedMs = Date.now() - startedMs
  const leftMs = (passedMs / round) * Math.max(0, roundsTotal - round)
  return leftMs < 1000 ? '' : `, about ${duration(leftMs)} left`
}

const countsOf = ({ round, roundsTotal, bytes, bytesTotal }: Progress): string =>
  roundsTotal === 0
    ? ''
    : `round ${count(round)} of ${count(roundsTotal)}, ${byteCount(bytes)} of ${byteCount(bytesTotal)}`

export const progressBar = (stream: NodeJS.WriteStream = process.stderr): ProgressBar =>
  stream.isTTY ? movingBar(stream) : lines(stream)

/** Elsewhere than on a terminal it says nothing, since the outcome tells the bytes. */
export const uploadBar = (stream: NodeJS.WriteStream = process.stderr) => {
  if (!stream.isTTY) return { show: () => {}, stop: () => {} }
  const bar = barOn(stream, '{bar} {percentage}%  {counts}')
  bar.start(1, 0, { counts: '' })
  return {
    show: ({ bytes, bytesTotal }: UploadProgress): void => {
      bar.setTotal(bytesTotal)
      bar.update(bytes, { counts: `${byteCount(bytes)} of ${byteCount(bytesTotal)} uploaded` })
    },
    stop: () => bar.stop(),
  }
}

const barOn = (stream: NodeJS.WriteStream, format: string): cliProgress.SingleBar =>
  new cliProgress.SingleBar(
    { format, stream, barsize: 20, hideCursor: true, clearOnComplete: true },
    cliProgress.Presets.shades_classic,
  )

const movingBar = (stream: NodeJS.WriteStream): ProgressBar => {
  const bar = barOn(stream, '{bar} {percentage}%  {counts}{estimate}  {what}')
  let startedMs: number | undefined
  bar.start(1, 0, { counts: '', estimate: '', what: '' })
  return {
    show: progress => {
      if (progress.state === 'running') startedMs ??= Date.now()
      bar.setTotal(Math.max(1, progress.roundsTotal))
      const left = startedMs === undefined ? '' : estimate(progress, startedMs)
      bar.update(progress.round, { counts: countsOf(progress), estimate: left, what: describe(progress) })
    },
    stop: () => bar.stop(),
  }
}

const lines = (stream: NodeJS.WriteStream): ProgressBar => {
  let last = ''
  return {
    show: progress => {
      const line = describe(progress)
      if (line === last) return
      last = line
      const counts = countsOf(progress)
      stream.write(`${line}${counts === '' ? '' : `  (${counts})`}\n`)
    },
    stop: () => {},
  }
}

/** One line that changes on a terminal, and a line a change elsewhere. */
export const statusLine = (stream: NodeJS.WriteStream = process.stderr) => {
  let last = ''
  return {
    show: (text: string): void => {
      if (text === last) return
      last = text
      stream.write(stream.isTTY ? `\r\u001b[K${harmless(text)}` : `${harmless(text)}\n`)
    },
    stop: (): void => {
      if (stream.isTTY && last !== '') stream.write('\r\u001b[K')
      last = ''
    },
  }
}
