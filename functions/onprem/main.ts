/**
 * Runs one party as a process: `main.ts <config.json> [--port N]`. One JSON line on stdout when it is ready, one JSON line
 * an event on stderr. SIGTERM and SIGINT stop it cleanly; a run that is under way goes on when the party is started again in time.
 */
import { writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { InputError } from '../../shared/base/errors.ts'
import { jsonLog } from '../party/json-log.ts'
import { startParty } from './compose.ts'
import { passphraseFor, readConfig } from './config.ts'

const run = async (): Promise<void> => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { port: { type: 'string' } } })
  const [path] = positionals
  if (path === undefined) throw new InputError('usage: main.ts <config.json> [--port N]')
  const read = readConfig(path)
  const config =
    values.port === undefined ? read : { ...read, listen: { ...read.listen, port: Number(values.port) } }
  const passphrase = passphraseFor(config, process.env)
  // The environment is inherited by children and shows in process listings; it has done its work.
  delete process.env.TRIAS_PASSPHRASE
  const log = jsonLog(config.party, line => writeSync(2, line))
  const { url, close } = await startParty(config, passphrase, log)

  const stop = (signal: string): void => {
    log.write('info', 'stopping', { signal })
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  writeSync(1, `${JSON.stringify({ ready: true, url, party: config.party })}\n`)
}

run().catch(error => {
  const known = error instanceof InputError
  writeSync(
    2,
    `${JSON.stringify({
      level: 'error',
      event: 'start-failed',
      error: known ? error.message : String(error),
      ...(known ? { where: error.where, hint: error.hint } : {}),
    })}\n`,
  )
  process.exit(2)
})
