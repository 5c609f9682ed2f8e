/**
 * Who has which lane, in single records of the volatile store:
 *
 *   lane/<n>        the tenancy of lane n, or nothing when it is free; never deleted, so that freeing it can be conditional
 *   lane-of/<run>   the tenancy of a run
 *
 * A claim that died between the two writes is completed by the next one for the same run.
 */
import { randomBytes } from 'node:crypto'
import { fromUtf8, toBase64url, utf8 } from '../../shared/base/bytes.ts'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Store } from '../../shared/port/store.ts'
import { TOKEN_BYTES } from './lane-message.ts'

export interface Tenancy {
  readonly run: string
  readonly lane: number
  /** Random: what was sent under an earlier tenancy of the lane has another one. */
  readonly token: string
  readonly sinceMs: number
}

export interface Tenancies {
  /** Claims a lane if the run has none. Throws Unavailable when all lanes are taken. */
  of(run: string): Promise<Tenancy>
  /** Whether the lane still belongs to it. */
  isCurrent(tenancy: Tenancy): Promise<boolean>
  /** Frees every lane that the run has. */
  end(run: string): Promise<void>
}

interface TenanciesOptions {
  readonly volatile: Store
  readonly lanes: number
  readonly tenancyMs: number
  readonly nowMs: () => number
}

const FREE = new Uint8Array()
const laneKey = (lane: number): string => `lane/${lane}`
const laneOfKey = (run: string): string => `lane-of/${run}`
const encode = (tenancy: Tenancy): Uint8Array => utf8(JSON.stringify(tenancy))
const decode = (value: Uint8Array): Tenancy | null =>
  value.length === 0 ? null : JSON.parse(fromUtf8(value))

export const createTenancies = ({ volatile, lanes, tenancyMs, nowMs }: TenanciesOptions): Tenancies => {
  const at = async (lane: number) => {
    const record = await volatile.get(laneKey(lane))
    return record === null ? null : { tenancy: decode(record.value), version: record.version }
  }

  const free = async (lane: number, isMeant: (tenancy: Tenancy) => boolean): Promise<void> => {
    const there = await at(lane)
    if (there?.tenancy != null && isMeant(there.tenancy))
      await volatile.compareAndSet(laneKey(lane), there.version, FREE)
  }

  /** null: the lane is another run's. */
  const tryLane = async (run: string, lane: number): Promise<Tenancy | null> => {
    const mine: Tenancy = { run, lane, token: toBase64url(randomBytes(TOKEN_BYTES)), sinceMs: nowMs() }
    const there = await volatile.putIfAbsent(laneKey(lane), encode(mine))
    if (there === null) return mine
    const tenant = decode(there.value)
    if (tenant?.run === run) return tenant
    if (tenant !== null && nowMs() - tenant.sinceMs < tenancyMs) return null
    if ((await volatile.compareAndSet(laneKey(lane), there.version, encode(mine))) === null) return null
    if (tenant !== null) await volatile.delete(laneOfKey(tenant.run))
    return mine
  }

  return {
    of: async run => {
      const record = await volatile.get(laneOfKey(run))
      if (record !== null) return decode(record.value) as Tenancy
      for (let lane = 0; lane < lanes; lane++) {
        const mine = await tryLane(run, lane)
        if (mine === null) continue
        const there = await volatile.putIfAbsent(laneOfKey(run), encode(mine))
        if (there === null) return mine
        const winner = decode(there.value) as Tenancy
        if (winner.token !== mine.token) await free(lane, ({ token }) => token === mine.token)
        return winner
      }
      throw new Unavailable(`each of the ${lanes} lanes belongs to a run`)
    },
    isCurrent: async ({ lane, token }) => (await at(lane))?.tenancy?.token === token,
    end: async run => {
      // First: whoever still claims for the run completes a lane that the loop below frees, or gets a fresh one.
      await volatile.delete(laneOfKey(run))
      for (let lane = 0; lane < lanes; lane++) await free(lane, tenancy => tenancy.run === run)
    },
  }
}
