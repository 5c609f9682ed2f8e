/**
 * The command line that local hosts share: `main.ts <config.json> [--exit-with-parent]`. One JSON line on stdout when the
 * host is ready; logs on stderr. SIGTERM and SIGINT stop it with its children; so does the end of its parent, if asked
 * for (the parent then holds our stdin open).
 */
import { readFileSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { z } from 'zod'
import { InputError } from '../../../shared/base/errors.ts'
import { exitWithParent } from './exit-with-parent.ts'
import { type HostLog, hostLog } from './log.ts'

interface Host {
  /** Undefined: this host has no HTTP front. */
  readonly url: string | undefined
  close(): Promise<void>
}

interface HostProgram<Config> {
  readonly name: string
  readonly schema: z.ZodType<Config>
  /** `at` makes a path of the configuration absolute: paths are relative to the file. */
  start(config: Config, at: (path: string) => string, log: HostLog): Promise<Host>
}

const readConfig = <Config>(schema: z.ZodType<Config>, path: string): Config => {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InputError('cannot read the configuration of the host', { where: path, cause })
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new InputError(`${issue?.path.join('.') || 'configuration'}: ${issue?.message}`, { where: path })
}

const run = async <Config>({ name, schema, start }: HostProgram<Config>, log: HostLog): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'exit-with-parent': { type: 'boolean', default: false } },
  })
  const [path] = positionals
  if (path === undefined) throw new InputError('usage: main.ts <config.json> [--exit-with-parent]')
  const host = await start(readConfig(schema, path), file => resolve(dirname(path), file), log)

  const stop = (reason: string): void => {
    log.event('stopping', { reason })
    host.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', () => stop('SIGTERM'))
  process.once('SIGINT', () => stop('SIGINT'))
  if (values['exit-with-parent']) exitWithParent(() => stop('the parent ended'))
  writeSync(1, `${JSON.stringify({ ready: true, url: host.url, host: name, pid: process.pid })}\n`)
}

export const runHost = <Config>(program: HostProgram<Config>): void => {
  const log = hostLog(program.name, line => {
    try {
      writeSync(2, line)
    } catch {
      // Nobody reads any more; the host goes on until it is told to stop.
    }
  })
  run(program, log).catch(error => {
    const known = error instanceof InputError
    log.event('start-failed', {
      error: known ? error.message : String(error),
      ...(known ? { where: error.where, hint: error.hint } : {}),
    })
    process.exit(2)
  })
}
