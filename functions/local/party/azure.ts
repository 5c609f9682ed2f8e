/** One party of Azure on this machine: its function app on the Functions host, with emulated Table and Queue Storage. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startAzureHost } from '../azure-host/start.ts'
import { startAzurite } from '../emulator/azurite.ts'
import { provisionAzure } from '../emulator/provision-azure.ts'
import type { HostLog } from '../host/log.ts'
import { createClosing } from './closing.ts'
import type { LocalParty, LocalPartyConfig } from './config.ts'

/** As the platform writes it to the functions. */
const REGION = 'Germany West Central'
/** Of a wake whose worker died: ten minutes in the cloud. */
const MESSAGE_LEASE_S = 30

export const startAzureParty = async (config: LocalPartyConfig, log: HostLog): Promise<LocalParty> => {
  const { dataDir, party, lanes, workerS, deadlines } = config
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const { add, close } = createClosing()
  try {
    const azurite = await add(startAzurite({ directory: join(dataDir, 'azurite') }), one => one.close())
    const settings = await provisionAzure({ azurite, party, lanes })
    const host = await add(
      startAzureHost(
        {
          directory: config.package,
          region: REGION,
          settings: {
            ...settings,
            TRIAS_SECRETS_FILE: config.secretsFile,
            TRIAS_WORKER_SECONDS: String(Math.ceil(workerS)),
            ...(deadlines === undefined ? {} : { TRIAS_DEADLINES: JSON.stringify(deadlines) }),
            ...config.environment,
          },
          port: config.port,
          workers: 1,
          memoryMb: config.memoryMb,
          timersEveryS: config.timerS,
          messageLeaseS: MESSAGE_LEASE_S,
        },
        log,
      ),
      one => one.close(),
    )
    return {
      url: host.url,
      killWorkers: host.kill,
      workerPids: () => host.workers().map(({ pid }) => pid),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
