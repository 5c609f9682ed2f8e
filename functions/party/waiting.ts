/** Inboxes of this process that wait for mail, so that what arrives is handed over at once instead of polled for. */
import type { Inbox, Mail } from '../../shared/port/mailbox.ts'

export interface Waiting {
  /** An inbox that starts with what `unsettled` returns and then sees everything announced. */
  open(run: string, unsettled: () => readonly Mail[]): Inbox
  /** New, already durable mail of a run. */
  announce(run: string, mail: Mail): void
}

interface Reader {
  queue: Mail[]
  notify: (() => void) | undefined
}

export const createWaiting = (): Waiting => {
  const readers = new Map<string, Set<Reader>>()
  return {
    open: (run, unsettled) => {
      const reader: Reader = { queue: [...unsettled()], notify: undefined }
      const ofRun = readers.get(run) ?? new Set()
      ofRun.add(reader)
      readers.set(run, ofRun)
      return {
        receive: async waitMs => {
          if (reader.queue.length === 0)
            await new Promise<void>(resolve => {
              const timer = setTimeout(resolve, waitMs)
              reader.notify = () => {
                clearTimeout(timer)
                resolve()
              }
            })
          reader.notify = undefined
          return reader.queue.splice(0)
        },
        wake: () => reader.notify?.(),
        close: async () => {
          reader.notify?.()
          ofRun.delete(reader)
          if (ofRun.size === 0) readers.delete(run)
        },
      }
    },
    announce: (run, mail) => {
      for (const reader of readers.get(run) ?? []) {
        reader.queue.push(mail)
        reader.notify?.()
      }
    },
  }
}
