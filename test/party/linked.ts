/** Three links over memory mailboxes, with real frames between them, and a network that a test can meddle with. */
import { memoryMailbox } from '../../functions/local/mailbox.ts'
import { memoryStore } from '../../functions/local/store.ts'
import { systemClock } from '../../functions/party/system-clock.ts'
import { toBase64url } from '../../shared/base/bytes.ts'
import { createNativeSha256 } from '../../shared/crypto/native-hash.ts'
import { signingKeyPair } from '../../shared/crypto/signature.ts'
import { referenceKernel } from '../../shared/kernel/reference.ts'
import { createFrameLink, type FrameLink } from '../../shared/party/link.ts'
import { DEFAULT_DEADLINES, type Deadlines, type World } from '../../shared/party/world.ts'
import { silentTelemetry } from '../../shared/port/telemetry.ts'
import { nativeKeystream } from '../../shared/prss/native-keystream.ts'
import { createPrss } from '../../shared/prss/prss.ts'
import { semiHonestTape } from '../../shared/session/gate-tape.ts'
import { createSession, type RunningSession } from '../../shared/session/lockstep.ts'
import { nextOf, PARTIES, type PartyIndex } from '../../shared/sharing/shared.ts'
import { frameDigest, slotOf, verifyFrame } from '../../shared/wire/frame.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'

export const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
export const signing = PARTIES.map(party => signingKeyPair(fill(party + 1)))
export const federation = fill(100)
export const run = fill(101)
export const runId = toBase64url(run)
const prssKeys = PARTIES.map(party => fill(50 + party))
export const keysOf = (party: PartyIndex) => ({
  own: prssKeys[party] as Uint8Array,
  next: prssKeys[nextOf(party)] as Uint8Array,
})

export interface Linked {
  readonly worlds: readonly World[]
  readonly links: readonly FrameLink[]
  readonly evidence: string[]
  session(party: PartyIndex): RunningSession
  deliver(to: PartyIndex, bytes: Uint8Array): Promise<void>
  close(): void
}

type Pass = (
  to: PartyIndex,
  bytes: Uint8Array,
  deliver: (bytes: Uint8Array) => Promise<void>,
) => Promise<void>

export const link = (options: { deadlines?: Partial<Deadlines>; pass?: Pass } = {}): Linked => {
  const { pass = (_, bytes, deliver) => deliver(bytes) } = options
  const worlds = PARTIES.map(
    party =>
      ({
        party,
        durable: memoryStore(),
        volatile: memoryStore(),
        mailbox: memoryMailbox(),
        keyring: { signer: { kid: 'kid', secretKey: signing[party]!.secretKey } },
        clock: systemClock,
        log: { write: () => {} },
        telemetry: silentTelemetry,
        kernel: referenceKernel,
        crypto: { ...nativeFrameCrypto, keystream: nativeKeystream, createHash: createNativeSha256 },
        afterMicrotasks: (then: () => void) => void setImmediate(then),
        deadlines: { ...DEFAULT_DEADLINES, roundMs: 700, ...options.deadlines },
      }) as unknown as World,
  )
  const evidence: string[] = []
  const deliver = async (to: PartyIndex, bytes: Uint8Array): Promise<void> => {
    const frame = verifyFrame(bytes, {
      party: to,
      federation,
      signingKeyOf: party => signing[party]!.publicKey,
      crypto: nativeFrameCrypto,
    })
    const id = `${slotOf(frame.header)}-${frameDigest(nativeFrameCrypto, frame)}`
    await worlds[to]!.mailbox.deliver(runId, { id, round: frame.header.round, body: bytes })
  }
  const links = PARTIES.map(party =>
    createFrameLink({
      world: worlds[party]!,
      peer: {
        read: () => Promise.reject(new Error('not used')),
        post: (to, _path, body) => pass(to, body, bytes => deliver(to, bytes)),
      },
      federation,
      run,
      runId,
      attempt: 1,
      keys: keysOf(party),
      onEquivocation: async slot => void evidence.push(`${party}: ${slot}`),
    }),
  )
  return {
    worlds,
    links,
    evidence,
    deliver,
    session: party =>
      createSession({
        party,
        kernel: referenceKernel,
        prss: createPrss({
          keys: keysOf(party),
          context: 'test',
          keystream: nativeKeystream,
          kernel: referenceKernel,
        }),
        link: links[party]!,
        tape: semiHonestTape,
        afterMicrotasks: then => void setImmediate(then),
      }),
    close: () => {
      for (const one of links) one.close()
    },
  }
}
