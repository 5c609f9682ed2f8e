/** Frames as they pass by: no slot of a run may ever carry two different bodies. */
import { createHash } from 'node:crypto'
import { toBase64url } from '../../shared/base/bytes.ts'
import { readFrame, slotOf } from '../../shared/wire/frame.ts'

export interface RecordedFrames {
  record(body: Uint8Array): void
  /** Slots that carried two different frames. */
  readonly twice: readonly string[]
  /** How many slots were seen, and how many frames were repeated. */
  readonly slots: () => number
  readonly repeated: () => number
}

export const recordFrames = (): RecordedFrames => {
  const seen = new Map<string, string>()
  const twice: string[] = []
  let repeated = 0
  return {
    record: body => {
      const { header } = readFrame(body)
      const slot = `${toBase64url(header.run)} ${slotOf(header)} to ${header.to}`
      const digest = createHash('sha256').update(body).digest('hex')
      const before = seen.get(slot)
      if (before === undefined) seen.set(slot, digest)
      else if (before === digest) repeated++
      else twice.push(slot)
    },
    twice,
    slots: () => seen.size,
    repeated: () => repeated,
  }
}
