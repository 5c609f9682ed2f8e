/** LocalStack as a program that was started for these tests and ends with them. What it writes is shown when it does not start. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../functions/local/host/free-port.ts'
import { startTied } from '../../functions/local/host/tied-program.ts'
import { type LocalStack, whenReady } from './localstack.ts'

const LOG_END = 4000

interface Program {
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** `programFor` gets the port that it has to listen on and an empty folder that is removed in the end. Throws Error. */
export const startProgram = async (
  programFor: (port: number, folder: string) => Program,
): Promise<Pick<LocalStack, 'endpoint' | 'close'> & { readonly version: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'trias-localstack-'))
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const { command, env } = programFor(port, folder)
  const logFile = join(folder, 'localstack.log')
  const log = openSync(logFile, 'w')
  const program = startTied(command, { output: log, env })
  closeSync(log)
  const close = async (): Promise<void> => {
    await program.end()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    return { endpoint, close, version: await whenReady(endpoint, program.exited) }
  } catch (cause) {
    const lines = readFileSync(logFile, 'utf8').slice(-LOG_END)
    await close()
    throw new Error(`LocalStack does not start (${(cause as Error).message}):\n${lines}`, { cause })
  }
}
