/** Mailbox in memory, for tests and for three parties in one process. */
import type { Mail, Mailbox } from '../../shared/port/mailbox.ts'
import { createWaiting } from '../party/waiting.ts'

export const memoryMailbox = (): Mailbox => {
  const runs = new Map<string, Map<string, Mail>>()
  const waiting = createWaiting()
  return Object.freeze({
    deliver: async (run: string, mail: Mail) => {
      const ofRun = runs.get(run) ?? new Map<string, Mail>()
      runs.set(run, ofRun)
      if (ofRun.has(mail.id)) return
      ofRun.set(mail.id, mail)
      waiting.announce(run, mail)
    },
    open: (run: string) => waiting.open(run, () => [...(runs.get(run)?.values() ?? [])]),
    settle: async (run: string, round = Number.POSITIVE_INFINITY) => {
      const ofRun = runs.get(run)
      for (const mail of ofRun?.values() ?? []) if (mail.round < round) ofRun?.delete(mail.id)
      if (ofRun?.size === 0) runs.delete(run)
    },
  })
}
