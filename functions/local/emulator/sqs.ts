/**
 * SQS on loopback: fauxqs in a process of its own, in memory. It can also write to a disk, but then it loses every message
 * that becomes visible again (version 2.4.1 fails to note that), so messages last as long as the process. It checks no
 * credentials. Queue addresses are ours to build, because those that it returns name a host that does not resolve.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Emulator } from './dynamodb.ts'

export interface SqsEmulator extends Emulator {
  queueUrl(name: string): string
}

const ACCOUNT = '000000000000'

export const startSqs = async (): Promise<SqsEmulator> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sqs-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {})
  const exited = once(child, 'exit')
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    exited.then(([code]) => Promise.reject(new Error(`the SQS emulator ended with exit status ${code}`))),
  ])
  const endpoint = `http://127.0.0.1:${JSON.parse(line).port}`
  return {
    endpoint,
    queueUrl: name => `${endpoint}/${ACCOUNT}/${name}`,
    close: async () => {
      child.stdin.end()
      await exited
    },
  }
}
