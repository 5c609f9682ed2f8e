/** A Lambda host as a process, see `config.ts` for its configuration file. */
import { runHost } from '../host/main.ts'
import { lambdaHostSchema } from './config.ts'
import { startLambdaHost } from './start.ts'

runHost({
  name: 'lambda-host',
  schema: lambdaHostSchema,
  start: (config, at, log) =>
    startLambdaHost(
      { ...config, functions: config.functions.map(one => ({ ...one, directory: at(one.directory) })) },
      log,
    ),
})
