/** One on-prem party as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createPartyKeyFile as createKeyFile } from '../../client/sdk/node/party-key-file.ts'
import { openKeyFile } from '../../functions/onprem/keyring.ts'
import { type PartyPublicKeys, parsePartyKeyFile } from '../../shared/party/key-file.ts'
import type { PartyIndex } from '../../shared/sharing/shared.ts'
import { type RunningParty, waitFor } from './federation.ts'

export const PASSPHRASE = 'canary passphrase of a test'
const children: ChildProcess[] = []
/** Ends every party that this file's tests have started. */
export const killAll = (): void => {
  for (const child of children) child.kill('SIGKILL')
}

export interface PartyProcess extends RunningParty {
  readonly child: ChildProcess
  readonly stderr: () => string
  readonly dataDir: string
  readonly adminUrl: string
  stop(signal: NodeJS.Signals): Promise<number | null>
}

export const readPublicKeys = (path: string): PartyPublicKeys => {
  const { signingKey, sealingKey } = parsePartyKeyFile(JSON.parse(readFileSync(path, 'utf8')), path)
  return { signingKey, sealingKey }
}

interface ProcessOptions {
  readonly roundMs?: number
  /** Instead of files in `directory`. */
  readonly database?: object
  readonly env?: Readonly<Record<string, string>>
  /** To listen on; loopback unless given. */
  readonly host?: string
}

/** Starts party `party` on its files in `directory`, or starts it again. */
export const startProcess = async (
  directory: string,
  party: PartyIndex,
  port = 0,
  { database, env = {}, roundMs = 15_000, host = '127.0.0.1' }: ProcessOptions = {},
): Promise<PartyProcess> => {
  const name = `party-${party}`
  const keyFile = join(directory, `${name}.key.json`)
  const keys = await createKeyFile(keyFile, PASSPHRASE).catch(() => readPublicKeys(keyFile))
  const dataDir = join(directory, name)
  const config = join(directory, `${name}.json`)
  const deadlines = { roundMs, leaseMs: 400 }
  const listen = { host, port: 1 }
  const admin = { port: 0 }
  const place = database === undefined ? { dataDir: name } : { database }
  writeFileSync(
    config,
    JSON.stringify({ party, region: 'this machine', listen, admin, ...place, keyFile, deadlines }),
  )
  const child = spawn(process.execPath, ['functions/onprem/main.ts', config, '--port', String(port)], {
    env: { ...process.env, TRIAS_PASSPHRASE: PASSPHRASE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', data => {
    stdout += data
  })
  child.stderr!.on('data', data => {
    stderr += data
  })
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  const ready = await waitFor('the ready line', async () => {
    if (child.exitCode !== null) throw new Error(`party ${party} ended: ${stderr}`)
    return stdout.includes('\n')
      ? (JSON.parse(stdout) as { ready: boolean; url: string; adminUrl: string; party: number })
      : undefined
  })
  const at = (address: string) => expect.stringMatching(new RegExp(`^http://${address}:\\d+$`))
  expect(ready).toEqual({ ready: true, url: at(host), adminUrl: at('127.0.0.1'), party })
  return {
    endpoint: ready.url,
    adminUrl: ready.adminUrl,
    ...keys,
    signingSeed: openKeyFile(keyFile, PASSPHRASE).signingSeed,
    child,
    stderr: () => stderr,
    dataDir,
    stop: signal => {
      child.kill(signal)
      return exited
    },
  }
}
