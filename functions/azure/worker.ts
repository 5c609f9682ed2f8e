/**
 * The worker of a party on Azure, called by the wake queue. What fails comes again, and after `maxDequeueCount` times goes
 * to the poison queue, which only says so: what is open is woken by the timer in any case.
 */
import { app } from '@azure/functions'
import { handOverAt } from '../party/hand-over.ts'
import { configOfProcess, partyOfProcess } from './compose.ts'

app.storageQueue('worker', {
  queueName: '%TRIAS_WAKE_QUEUE%',
  connection: 'TRIAS_STORAGE',
  handler: async message => {
    const untilMs = handOverAt(configOfProcess().TRIAS_WORKER_SECONDS * 1000)
    const { party } = await partyOfProcess()
    try {
      await party.work(String(message), { untilMs })
    } finally {
      await party.world.telemetry.flush()
    }
  },
})

app.storageQueue('poison', {
  queueName: '%TRIAS_WAKE_QUEUE%-poison',
  connection: 'TRIAS_STORAGE',
  handler: async message => {
    const { party } = await partyOfProcess()
    party.world.log.write('error', 'wake-given-up', { subject: String(message).slice(0, 64) })
  },
})
