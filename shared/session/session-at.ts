/** Sessions by address: a tree in which a name is taken once under one parent. */
import type { Kernel } from '../kernel/kernel.ts'
import type { Prss } from '../prss/prss.ts'
import type { PartyIndex } from '../sharing/shared.ts'
import type { GateTape } from './gate-tape.ts'
import type { Rounds } from './rounds.ts'
import type { Session, Vector } from './session.ts'

export interface Core {
  readonly party: PartyIndex
  readonly kernel: Kernel
  readonly prss: Prss
  readonly tape: GateTape
  readonly rounds: Rounds
  readonly digest: (vector: Vector) => Uint8Array
}

export const sessionAt = (core: Core, address: string): Session => {
  const { party, kernel, prss, tape, rounds, digest } = core
  const taken = new Set<string>()
  const session: Session = {
    party,
    kernel,
    address,
    tape,
    step: name =>
      rounds.guard(() => {
        if (name === '' || name.includes('/')) throw new Error(`not the name of a step: '${name}'`)
        const path = address === '' ? name : `${address}/${name}`
        if (taken.has(name)) throw new Error(`step ${path} taken twice`)
        taken.add(name)
        return sessionAt(core, path)
      }),
    maskBits: (purpose, length) => rounds.guard(() => prss.bits(address, purpose, length)),
    maskField: (purpose, length) => rounds.guard(() => prss.field(address, purpose, length)),
    masks: (purpose, words) => rounds.guard(() => prss.masks(address, purpose, words)),
    maskFieldFrom: (key, purpose, length) =>
      rounds.guard(() => prss.fieldFrom(key, address, purpose, length)),
    exchange: message => rounds.exchange(address, message),
    digest,
    validate: async () => {
      rounds.assertLive()
      try {
        await tape.validate(session)
      } catch (thrown) {
        rounds.stop(thrown instanceof Error ? thrown : new Error(String(thrown)))
        throw thrown
      }
    },
  }
  return Object.freeze(session)
}
