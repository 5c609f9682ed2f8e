/** The vector kernel from disk, compiled once a process. */
import { existsSync, readFileSync } from 'node:fs'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { instantiateSimdSync } from '../../shared/kernel/simd.ts'

let loaded: Kernel | undefined

const load = (): Kernel => {
  // In a deployment package it lies beside the code.
  const beside = new URL('./kernel.wasm', import.meta.url)
  const file = existsSync(beside) ? beside : new URL('../../dist/kernel/kernel.wasm', import.meta.url)
  let wasm: Uint8Array<ArrayBuffer>
  try {
    wasm = readFileSync(file)
  } catch (cause) {
    throw new Error('dist/kernel/kernel.wasm is missing: run `npm run build:kernel`', { cause })
  }
  return instantiateSimdSync(wasm)
}

/** The SIMD kernel; throws an Error that says how to build it when it has not been built. */
export const loadKernel = (): Kernel => {
  loaded ??= load()
  return loaded
}
