/** An emulator of AWS that answers as LocalStack does, and where one can be had: the first source that has one is used. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface LocalStack {
  readonly endpoint: string
  /** What it is and where it came from, for people. */
  readonly about: string
  /** What in it is not LocalStack's own. */
  readonly standIns: readonly string[]
  close(): Promise<void>
}

export interface Source {
  readonly name: string
  /** Throws CannotBeHad where this machine has none; anything else that it throws is a failure. */
  start(): Promise<LocalStack>
}

/** No fault of the project: this machine lacks what the source needs. */
export class CannotBeHad extends Error {}

/** The last release that starts without an account. */
export const VERSION = '4.14.0'

/** In the order given. Where none can be had, each with its reason. */
export const firstToBeHad = async (
  sources: readonly Source[],
): Promise<{ readonly localStack: LocalStack } | { readonly reasons: readonly string[] }> => {
  const reasons: string[] = []
  for (const { name, start } of sources)
    try {
      return { localStack: await start() }
    } catch (error) {
      if (!(error instanceof CannotBeHad)) throw error
      reasons.push(`${name}: ${error.message}`)
    }
  return { reasons }
}

/** The version that it says it has; undefined when it does not answer, or answers as something else does. */
export const versionAt = async (endpoint: string): Promise<string | undefined> => {
  try {
    const response = await fetch(new URL('/_localstack/health', endpoint), {
      signal: AbortSignal.timeout(5000),
    })
    const { services, version = 'of no version' } = (await response.json()) as Record<string, unknown>
    return response.ok && typeof services === 'object' ? String(version) : undefined
  } catch {
    return undefined
  }
}

const READY_MS = 120_000
const PROBE_MS = 250

/** Waits until it answers; its version. `exited`: when its process is gone. Throws Error. */
export const whenReady = async (endpoint: string, exited: Promise<void>): Promise<string> => {
  let gone = false
  void exited.then(() => {
    gone = true
  })
  for (const untilMs = Date.now() + READY_MS; Date.now() < untilMs && !gone; await sleep(PROBE_MS)) {
    const version = await versionAt(endpoint)
    if (version !== undefined) return version
  }
  throw new Error(gone ? 'it ended by itself' : `it did not answer within ${READY_MS / 1000} seconds`)
}
