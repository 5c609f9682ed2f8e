/** A party on Azure: two tables, lane queues and a wake queue of one storage account, a secret. Composed once a process. */

import { DEFAULT_DEADLINES } from '../../shared/party/world.ts'
import type { Telemetry } from '../../shared/port/telemetry.ts'
import { type ComposedParty, composeParty } from '../party/compose.ts'
import { jsonLog } from '../party/json-log.ts'
import { laneMailbox, visibilityFor } from '../party/lane-mailbox.ts'
import { telemetryFrom } from '../party/telemetry/choose.ts'
import { identityOf, queueService, secretClient, tableClient } from './client.ts'
import { type AzureConfig, readConfig } from './config.ts'
import { secretsFromFile, secretsFromVault } from './keyring.ts'
import { storageLanes } from './mailbox.ts'
import { azurePlace } from './place.ts'
import { tableStore } from './store.ts'
import { queueWaker } from './waker.ts'

const composeFor = async (config: AzureConfig, telemetry: Telemetry | undefined): Promise<ComposedParty> => {
  const service = queueService(config)
  const volatile = tableStore(tableClient(config, config.TRIAS_VOLATILE_TABLE))
  const queues = config.TRIAS_LANE_QUEUES.map(name => service.getQueueClient(name))
  const { TRIAS_SECRETS_FILE: file, TRIAS_KEY_VAULT_URL: vault } = config
  return composeParty({
    party: config.TRIAS_PARTY,
    secrets:
      file === undefined
        ? await secretsFromVault(secretClient(config, vault as string), config.TRIAS_SECRET_NAME)
        : secretsFromFile(file),
    place: azurePlace({
      region: config.REGION_NAME,
      storageId: config.TRIAS_STORAGE_ID,
      credential: () => identityOf(config),
      send: fetch,
    }),
    durable: tableStore(tableClient(config, config.TRIAS_DURABLE_TABLE)),
    volatile,
    mailbox: laneMailbox({
      queue: storageLanes({ queues, volatile }),
      lanes: queues.length,
      volatile,
      visibilityMs: visibilityFor(config.TRIAS_DEADLINES?.leaseMs ?? DEFAULT_DEADLINES.leaseMs),
    }),
    waker: queueWaker(service.getQueueClient(config.TRIAS_WAKE_QUEUE)),
    log: jsonLog(config.TRIAS_PARTY, line => process.stdout.write(line)),
    send: fetch,
    ...(config.TRIAS_DEADLINES === undefined ? {} : { deadlines: config.TRIAS_DEADLINES }),
    ...(config.TRIAS_LIMITS === undefined ? {} : { limits: config.TRIAS_LIMITS }),
    ...(telemetry === undefined ? {} : { telemetry }),
  })
}

let config: AzureConfig | undefined
const composeWith = async (environment: NodeJS.ProcessEnv): Promise<ComposedParty> => {
  const config = configOfProcess()
  return composeFor(config, await telemetryFrom(environment, config.TRIAS_PARTY))
}

let composed: Promise<ComposedParty> | undefined

export const configOfProcess = (): AzureConfig => {
  config ??= readConfig(process.env)
  return config
}

/** The party of this process. One that could not be composed is tried again by the next invocation. */
export const partyOfProcess = (): Promise<ComposedParty> => {
  composed ??= composeWith(process.env).catch(error => {
    composed = undefined
    throw error
  })
  return composed
}
