/** Ports that count and time what goes through them, and change nothing about it. */
import type { Mailbox } from '../../../shared/port/mailbox.ts'
import type { Peer } from '../../../shared/port/peer.ts'
import type { Store } from '../../../shared/port/store.ts'
import type { Telemetry } from '../../../shared/port/telemetry.ts'
import type { Waker } from '../../../shared/port/waker.ts'

/** Messages whose delivery is remembered until they are taken; of other processes' ones the adapter may know the time. */
const DELIVERED_MAX = 10_000

/** Times a call, whether it succeeds or not. */
const timed = async <T>(stop: () => void, work: Promise<T>): Promise<T> => {
  try {
    return await work
  } finally {
    stop()
  }
}

export const measuredStore = (store: Store, table: 'durable' | 'volatile', telemetry: Telemetry): Store => {
  const watch = (operation: string) => telemetry.watch('trias.store.duration', { table, operation })
  const bytes = (operation: 'read' | 'written', count: number): void =>
    telemetry.count('trias.store.bytes', count, { table, operation })
  return {
    get: async key => {
      const record = await timed(watch('get'), store.get(key))
      if (record !== null) bytes('read', record.value.length)
      return record
    },
    putIfAbsent: async (key, value) => {
      const before = await timed(watch('put-if-absent'), store.putIfAbsent(key, value))
      if (before === null) bytes('written', value.length)
      else bytes('read', before.value.length)
      return before
    },
    compareAndSet: async (key, version, value) => {
      const changed = await timed(watch('compare-and-set'), store.compareAndSet(key, version, value))
      if (changed !== null) bytes('written', value.length)
      return changed
    },
    list: prefix => timed(watch('list'), store.list(prefix)),
    delete: key => timed(watch('delete'), store.delete(key)),
  }
}

export const measuredMailbox = (mailbox: Mailbox, telemetry: Telemetry): Mailbox => {
  const watch = (operation: string) => telemetry.watch('trias.mailbox.duration', { operation })
  const passed = (operation: 'deliver' | 'receive', messages: number, bytes: number): void => {
    telemetry.count('trias.mailbox.messages', messages, { operation })
    telemetry.count('trias.mailbox.bytes', bytes, { operation })
  }
  const hops = new Map<string, () => void>()
  return {
    deliver: async (run, mail) => {
      const name = `${run}/${mail.id}`
      const [oldest] = hops.keys()
      if (hops.size >= DELIVERED_MAX && oldest !== undefined) hops.delete(oldest)
      hops.set(name, hops.get(name) ?? telemetry.watch('trias.hop.duration', {}))
      await timed(watch('deliver'), mailbox.deliver(run, mail))
      passed('deliver', 1, mail.body.length)
    },
    open: run => {
      const inbox = mailbox.open(run)
      return {
        receive: async waitMs => {
          const mails = await timed(watch('receive'), inbox.receive(waitMs))
          if (mails.length > 0)
            passed(
              'receive',
              mails.length,
              mails.reduce((sum, { body }) => sum + body.length, 0),
            )
          for (const { id, deliveredMs } of mails) {
            const hop = hops.get(`${run}/${id}`)
            hops.delete(`${run}/${id}`)
            if (hop !== undefined) hop()
            else if (deliveredMs !== undefined)
              telemetry.record('trias.hop.duration', Math.max(0, Date.now() - deliveredMs) / 1000, {})
          }
          return mails
        },
        wake: () => inbox.wake(),
        close: () => timed(watch('close'), inbox.close()),
      }
    },
    settle: (run, round) => timed(watch('settle'), mailbox.settle(run, round)),
  }
}

export const measuredPeer = (peer: Peer, telemetry: Telemetry): Peer => {
  const watch = (path: string) => telemetry.watch('trias.peer.duration', { path })
  return {
    post: (to, path, body, options) => timed(watch(path), peer.post(to, path, body, options)),
    // A path that is read has numbers in its query, which are too many values for an attribute.
    read: (to, path, options) => timed(watch(path.split('?')[0] as string), peer.read(to, path, options)),
  }
}

export const measuredWaker = (waker: Waker, telemetry: Telemetry): Waker => ({
  wake: async subject => {
    telemetry.count('trias.wakes', 1, {})
    await waker.wake(subject)
  },
})
