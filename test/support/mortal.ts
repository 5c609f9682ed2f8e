/** Databases of a party that can die: from then on nothing that it does reaches them, as after SIGKILL. */
import type { LocalDatabases, ThreePartiesOptions } from '../../functions/local/three-parties.ts'
import type { Mailbox } from '../../shared/port/mailbox.ts'
import type { Store } from '../../shared/port/store.ts'
import type { RecordedFrames } from './recorded-frames.ts'

export interface Life {
  /** Writes and sends until death. */
  left: number
  dead: boolean
}

/** Before a write or a send: counts down, and dies instead of doing it when the count is over. */
const step = (life: Life): void => {
  if (!life.dead && life.left-- > 0) return
  life.dead = true
  throw new Error('crash')
}

const mustLive = (life: Life): void => {
  if (life.dead) throw new Error('crash')
}

const mortalStore = (real: Store, life: Life): Store => ({
  get: async key => {
    mustLive(life)
    return real.get(key)
  },
  list: async prefix => {
    mustLive(life)
    return real.list(prefix)
  },
  putIfAbsent: async (key, value) => {
    step(life)
    return real.putIfAbsent(key, value)
  },
  compareAndSet: async (key, version, value) => {
    step(life)
    return real.compareAndSet(key, version, value)
  },
  delete: async key => {
    step(life)
    return real.delete(key)
  },
})

const mortalMailbox = (real: Mailbox, life: Life): Mailbox => ({
  deliver: async (run, mail) => {
    step(life)
    return real.deliver(run, mail)
  },
  open: run => {
    const inbox = real.open(run)
    return {
      receive: async waitMs => {
        mustLive(life)
        const mails = await inbox.receive(waitMs)
        mustLive(life)
        return mails
      },
      wake: () => inbox.wake(),
      close: () => inbox.close(),
    }
  },
  settle: async (run, round) => {
    step(life)
    return real.settle(run, round)
  },
})

export const mortal = (real: LocalDatabases, life: Life): LocalDatabases => ({
  durable: mortalStore(real.durable, life),
  volatile: mortalStore(real.volatile, life),
  mailbox: mortalMailbox(real.mailbox, life),
})

/** The network between parties that may die: a send is a step of the sender's life, and the dead do not answer. */
export const mortalNetwork =
  (lives: readonly Life[], frames: RecordedFrames): NonNullable<ThreePartiesOptions['network']> =>
  async ({ from, to, path, body }, deliver) => {
    const [sender, receiver] = [lives[from]!, lives[to]!]
    step(sender)
    if (path === '/v1/frames') frames.record(body)
    if (receiver.dead) throw new TypeError('nobody answers')
    const answer = await deliver(body)
    // Dead while the answer was on its way.
    if (sender.dead || receiver.dead) throw new TypeError('nobody answers')
    return answer
  }
