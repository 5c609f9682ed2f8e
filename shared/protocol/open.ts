/**
 * Open: all three parties learn a value inside a protocol. Only for values that the plan declares public or that are
 * masked.
 *
 * P_i lacks share i + 2. It receives the share from P_{i+1} and its digest from P_{i+2}, the other holder, and compares
 * both before anybody sees the value (reference 2.1 and pitfalls 3 and 16): a party that alters its copy stops the run.
 * Everything the value depends on is proved first. One round.
 */
import { type Bits, bits } from '../bits/bits.ts'
import { type Field, field } from '../field/field.ts'
import { bytesFor, DIGEST_BYTES, type Shape } from '../session/encoding.ts'
import type { Session } from '../session/session.ts'
import type { SharedBits, SharedField } from '../sharing/shared.ts'
import { type Cost, evenCost } from './cost.ts'

export const openCost = (shape: Shape): Cost => evenCost(1, bytesFor(shape) + DIGEST_BYTES)

export function open(session: Session, x: SharedBits): Promise<Bits>
export function open(session: Session, x: SharedField): Promise<Field>
export async function open(session: Session, x: SharedBits | SharedField): Promise<Bits | Field> {
  await session.validate()
  const { kernel } = session
  const { domain, length } = x.own
  const { fromNext } = await session.exchange({
    toPrevious: [x.next],
    toNext: [session.digest(x.own)],
    fromNext: [{ domain, length }],
    fromPrevious: [{ digestOfVector: 0, check: 'share-copies-differ' }],
  })
  const missing = (fromNext[0] as Bits | Field).words
  return domain === 'boolean'
    ? bits(kernel.xor(kernel.xor(x.own.words, x.next.words), missing), length)
    : field(kernel.fieldAdd(kernel.fieldAdd(x.own.words, x.next.words), missing), length)
}
