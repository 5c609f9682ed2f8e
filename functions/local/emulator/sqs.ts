/**
 * SQS on loopback: fauxqs in a process of its own, in memory or in a directory whose messages survive SIGKILL. It checks
 * no credentials. Queue addresses are ours to build, because those that it returns name a host that does not resolve.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Emulator } from './dynamodb.ts'

export interface SqsEmulator extends Emulator {
  readonly pid: number
  queueUrl(name: string): string
}

const ACCOUNT = '000000000000'

/** `directory`: where queues and messages are kept; left out, they are in memory. */
export const startSqs = async (
  options: { readonly directory?: string; readonly port?: number } = {},
): Promise<SqsEmulator> => {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'sqs-server.ts'),
      String(options.port ?? 0),
      ...(options.directory === undefined ? [] : [options.directory]),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  child.stdin.on('error', () => {})
  const exited = once(child, 'exit')
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    exited.then(([code]) => Promise.reject(new Error(`the SQS emulator ended with exit status ${code}`))),
  ])
  const endpoint = `http://127.0.0.1:${JSON.parse(line).port}`
  return {
    endpoint,
    pid: child.pid as number,
    queueUrl: name => `${endpoint}/${ACCOUNT}/${name}`,
    close: async () => {
      child.stdin.end()
      await exited
    },
  }
}
