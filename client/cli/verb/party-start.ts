/** `trias party start`: a computing party on this machine, as a child process that ends with this one. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { InputError, Unavailable } from '../../../shared/base/errors.ts'
import { homeOf, verb } from '../command.ts'
import { asMember, type MemberOptions, passphraseOf } from '../member.ts'

interface Options extends MemberOptions {
  readonly config?: string
  readonly port?: string
}

/** The on-prem party's own entry; started by path, because clients do not import what parties are made of. */
const ENTRY = fileURLToPath(new URL('../../../functions/onprem/main.ts', import.meta.url))

export const partyStart = (): Command =>
  asMember(
    verb('start', 'Run a computing party on this machine', {
      description: `Runs a party from the configuration that "trias keygen --party" wrote. Prints one JSON line when it is
ready, one JSON line an event on stderr, and stops cleanly on Ctrl-C or SIGTERM. The passphrase of the key file
comes from TRIAS_PASSPHRASE or --passphrase-file.`,
      examples: [
        'TRIAS_PASSPHRASE=… trias party start --config party-0/party.json',
        'trias party start --config party-0/party.json --passphrase-file secret.txt --port 0',
      ],
    })
      .option('--config <file>', 'configuration of the party (default: party.json in the state directory)')
      .option('--port <number>', 'listen on this port instead; 0 takes a free one'),
  ).action(async (options: Options) => {
    const config = options.config ?? join(homeOf(options), 'party.json')
    if (!existsSync(config))
      throw new InputError('there is no configuration of a party', {
        where: config,
        hint: 'Write one with `trias keygen --party 0 --name … --country …`.',
      })
    const passphrase = await passphraseOf(options)
    const child = spawn(
      process.execPath,
      [ENTRY, config, ...(options.port === undefined ? [] : ['--port', options.port])],
      {
        stdio: 'inherit',
        env: { ...process.env, ...(passphrase === undefined ? {} : { TRIAS_PASSPHRASE: passphrase }) },
      },
    )
    // The terminal sends Ctrl-C to both; any other way of stopping this process has to be passed on.
    const passOn = (signal: NodeJS.Signals) => (): void => void child.kill(signal)
    const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
      signal => [signal, passOn(signal)] as const,
    )
    for (const [signal, handler] of handlers) process.on(signal, handler)
    const code = await new Promise<number | null>(ended => child.once('exit', ended))
    for (const [signal, handler] of handlers) process.off(signal, handler)
    if (code === 2) throw new InputError('the party did not start; see its message above', { where: config })
    if (code !== 0) throw new Unavailable('the party stopped with an error; see its messages above')
  })
