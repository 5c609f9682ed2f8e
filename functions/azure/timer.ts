/** The timer of a party on Azure, each minute: makes lost wakes good. */
import { app } from '@azure/functions'
import { partyOfProcess } from './compose.ts'

app.timer('timer', {
  schedule: '0 */1 * * * *',
  handler: async () => {
    const { party } = await partyOfProcess()
    await party.tick()
    await party.world.telemetry.flush()
  },
})
