/** What a Node process computes with: the kernel that `npm install` builds, and the host's own ciphers and hashes. */
import { readFile } from 'node:fs/promises'
import { InputError } from '../../../shared/base/errors.ts'
import { createNativeSha256 } from '../../../shared/crypto/native-hash.ts'
import { instantiateSimdSync } from '../../../shared/kernel/simd.ts'
import { nativeKeystream } from '../../../shared/prss/native-keystream.ts'
import type { Engine } from '../analyze.ts'

/** Throws InputError when the kernel has not been built. */
export const nodeEngine = async (): Promise<Engine> => {
  const file = new URL('../../../dist/kernel/kernel.wasm', import.meta.url)
  const wasm = await readFile(file).catch(cause => {
    throw new InputError('The vector kernel is missing.', { hint: 'Run `npm run build:kernel`.', cause })
  })
  return {
    kernel: instantiateSimdSync(new Uint8Array(wasm)),
    keystream: nativeKeystream,
    createHash: createNativeSha256,
    afterMicrotasks: run => void setImmediate(run),
    nowMs: () => performance.now(),
  }
}
