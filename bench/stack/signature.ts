/** What a frame costs before it travels and when it arrives: sealing with its signature, and verifying, one at a time. */

import { signingKeyPair } from '../../shared/crypto/signature.ts'
import { sealFrame, verifyFrame } from '../../shared/wire/frame.ts'
import { nativeFrameCrypto } from '../../shared/wire/native-frame-crypto.ts'

const ROUNDS = 200
const CONTENT_BYTES = 1024

export interface FrameMs {
  readonly seal: number
  readonly verify: number
}

export const measureFrames = (): FrameMs => {
  const filled = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value)
  const { secretKey, publicKey } = signingKeyPair(filled(1))
  const header = {
    federation: filled(2),
    run: filled(3),
    attempt: 0,
    round: 0,
    part: 0,
    parts: 1,
    from: 0,
    to: 1,
    addressDigest: filled(4),
  } as const
  const seal = (round: number): Uint8Array =>
    sealFrame({ ...header, round }, filled(5, CONTENT_BYTES), filled(6), secretKey, nativeFrameCrypto)
  const verify = (frame: Uint8Array): void => {
    verifyFrame(frame, {
      party: 1,
      federation: header.federation,
      signingKeyOf: () => publicKey,
      crypto: nativeFrameCrypto,
    })
  }
  const meanMs = (work: (round: number) => void): number => {
    // The first calls pay for compiling the code and for tables of the curve.
    for (let round = 0; round < ROUNDS / 4; round++) work(round)
    const startMs = performance.now()
    for (let round = 0; round < ROUNDS; round++) work(round)
    return (performance.now() - startMs) / ROUNDS
  }
  const frame = seal(0)
  return { seal: meanMs(seal), verify: meanMs(() => verify(frame)) }
}
