/** A program of somebody else's that must not outlive this process, however this process ends. */
import { type SpawnOptions, spawn } from 'node:child_process'

export interface TiedProgram {
  /** Resolves when it is gone, by itself or by `end`. */
  readonly exited: Promise<void>
  /** SIGTERM, and waits until it is gone. */
  end(): Promise<void>
}

/** Ends the program when our end of the pipe closes, and itself when the program ends. */
const TIED_TO_STDIN = [
  '"$0" "$@" & program=$!',
  'exec 3<&0; { cat <&3 > /dev/null; kill $program; } 2> /dev/null & watcher=$!',
  'wait $program; status=$?; kill $watcher 2> /dev/null; exit $status',
].join('\n')

/** `output`: where what it prints goes, a file descriptor; left out, nowhere. */
export const startTied = (
  command: readonly string[],
  {
    output = 'ignore',
    ...options
  }: Pick<SpawnOptions, 'env' | 'cwd'> & { readonly output?: number | 'ignore' } = {},
): TiedProgram => {
  const child = spawn('/bin/sh', ['-c', TIED_TO_STDIN, ...command], {
    ...options,
    stdio: ['pipe', output, output],
  })
  child.stdin?.on('error', () => {})
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return {
    exited,
    end: async () => {
      child.stdin?.end()
      await exited
    },
  }
}
