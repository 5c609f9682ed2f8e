/** One party of AWS as a process: `aws-main.ts <config.json> [--exit-with-parent]`, see `config.ts`. */
import { runHost } from '../host/main.ts'
import { startAwsParty } from './aws.ts'
import { localPartySchema, resolved } from './config.ts'

runHost({
  name: 'aws-party',
  schema: localPartySchema,
  start: (config, at, log) => startAwsParty(resolved(config, at), log),
})
