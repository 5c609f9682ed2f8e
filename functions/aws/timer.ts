/** The timer of a party on AWS, called by a schedule each minute: makes lost wakes good. */
import { partyOfInstance } from './compose.ts'

export const handler = async (): Promise<void> => {
  const { party } = await partyOfInstance()
  await party.tick()
  await party.world.telemetry.flush()
}
