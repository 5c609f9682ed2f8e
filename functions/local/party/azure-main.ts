/** One party of Azure as a process: `azure-main.ts <config.json> [--exit-with-parent]`, see `config.ts`. */
import { runHost } from '../host/main.ts'
import { startAzureParty } from './azure.ts'
import { localPartySchema, resolved } from './config.ts'

runHost({
  name: 'azure-party',
  schema: localPartySchema,
  start: (config, at, log) => startAzureParty(resolved(config, at), log),
})
