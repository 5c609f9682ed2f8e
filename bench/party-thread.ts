/** One party of a benchmark: a thread of its own, with its own heap, that talks to the others over loopback only. */
import { parentPort, workerData } from 'node:worker_threads'
import { loadKernel } from '../functions/party/load-kernel.ts'
import { utf8 } from '../shared/base/bytes.ts'
import { sha256 } from '../shared/crypto/hash.ts'
import { createNativeSha256 } from '../shared/crypto/native-hash.ts'
import { nativeKeystream } from '../shared/prss/native-keystream.ts'
import { createPrss } from '../shared/prss/prss.ts'
import { semiHonestTape } from '../shared/session/gate-tape.ts'
import { createSession } from '../shared/session/lockstep.ts'
import { nextOf, type PartyIndex } from '../shared/sharing/shared.ts'
import { loopbackLink } from './loopback-link.ts'
import { operations } from './operations.ts'

export interface Task {
  readonly operation: number
  readonly n: number
  readonly repeat: number
}

export interface Measured {
  readonly seconds: number
  readonly rounds: number
  readonly bytes: number
}

const port = parentPort
if (!port) throw new Error('started as a thread by bench/main.ts only')
const { party, latencyMs } = workerData as { party: PartyIndex; latencyMs: number }

const waiting: ((message: never) => void)[] = []
const received: unknown[] = []
port.on('message', message => {
  const taker = waiting.shift()
  if (taker) taker(message as never)
  else received.push(message)
})
const receive = <T>(): Promise<T> =>
  received.length > 0
    ? Promise.resolve(received.shift() as T)
    : new Promise<T>(resolve => waiting.push(resolve as never))

const ports = { listening: (value: number) => port.postMessage({ port: value }) }
const { link, close } = await loopbackLink(
  party,
  ports.listening,
  async previous => (await receive<number[]>())[previous] as number,
  latencyMs,
)

const kernel = loadKernel()
const keyOf = (index: number): Uint8Array => sha256(utf8(`bench key ${index}`))
const keys = { own: keyOf(party), next: keyOf(nextOf(party)) }

port.postMessage({ ready: true })
for (;;) {
  const task = await receive<Task | 'stop'>()
  if (task === 'stop') break
  const operation = operations[task.operation]
  if (!operation) throw new RangeError(`no operation ${task.operation}`)
  const prss = createPrss({
    keys,
    context: `bench|${task.operation}|${task.n}|${task.repeat}`,
    keystream: nativeKeystream,
    kernel,
  })
  const session = createSession({
    party,
    kernel,
    prss,
    link,
    tape: semiHonestTape,
    afterMicrotasks: run => void setImmediate(run),
    createHash: createNativeSha256,
  })
  const compute = await operation.prepare(session.step('input'), task.n)
  port.postMessage({ prepared: true })
  await receive()
  const start = performance.now()
  await compute(session.step('compute'))
  const seconds = (performance.now() - start) / 1000
  const { rounds, bytesToPrevious, bytesToNext } = session.state()
  port.postMessage({ seconds, rounds, bytes: bytesToPrevious + bytesToNext } satisfies Measured)
}
close()
port.close()
