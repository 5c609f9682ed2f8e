/** An Azure Functions host as a process, see `config.ts` for its configuration file. */
import { runHost } from '../host/main.ts'
import { azureHostSchema } from './config.ts'
import { startAzureHost } from './start.ts'

runHost({
  name: 'azure-host',
  schema: azureHostSchema,
  start: (config, at, log) => startAzureHost({ ...config, directory: at(config.directory) }, log),
})
