/**
 * Runs one party, or one of its replicas, as a process: `main.ts <config.json> [--port N] [--exit-with-parent]`. One JSON
 * line on stdout when it is ready, one JSON line an event on stderr. SIGTERM and SIGINT stop it cleanly, and with
 * `--exit-with-parent` the end of stdin does; a run that is under way goes on when the party is started again in time.
 */
import { writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { InputError, Refusal } from '../../shared/base/errors.ts'
import { jsonLog } from '../party/json-log.ts'
import { startParty } from './compose.ts'
import { passphraseFor, readConfig } from './config.ts'
import { exitWithParent } from './exit-with-parent.ts'

const run = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, 'exit-with-parent': { type: 'boolean' } },
  })
  const [path] = positionals
  if (path === undefined) throw new InputError('usage: main.ts <config.json> [--port N] [--exit-with-parent]')
  let stop = (_why: string): void => process.exit(0)
  // Before anything else: the first process of a container is deaf to signals that it does not listen for, and a parent
  // that ends at once leaves nothing behind.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal))
  if (values['exit-with-parent']) exitWithParent(() => stop('end of stdin'))
  const read = readConfig(path)
  const config =
    values.port === undefined ? read : { ...read, listen: { ...read.listen, port: Number(values.port) } }
  const environment = { ...process.env }
  const passphrase = passphraseFor(config, environment)
  // The environment is inherited by children and shows in process listings; it has done its work.
  delete process.env.TRIAS_PASSPHRASE
  delete process.env.TRIAS_DATABASE_PASSWORD
  const log = jsonLog(config.party, line => writeSync(2, line))
  const { url, adminUrl, close } = await startParty(config, { passphrase, environment }, log)

  stop = why => {
    log.write('info', 'stopping', { why })
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  writeSync(1, `${JSON.stringify({ ready: true, url, adminUrl, party: config.party })}\n`)
}

run().catch(error => {
  const known = error instanceof InputError || error instanceof Refusal
  writeSync(
    2,
    `${JSON.stringify({
      level: 'error',
      event: 'start-failed',
      error: known ? error.message : String(error),
      ...(error instanceof InputError ? { where: error.where } : {}),
      ...(error instanceof Refusal ? { rule: error.rule } : {}),
      ...(known ? { hint: error.hint } : {}),
    })}\n`,
  )
  process.exit(2)
})
