/**
 * One number for a person, the same at every organisation that writes the same name and date of birth, whatever the case,
 * the accents or the spaces. It is a short way to write a name down, and no protection: whoever can guess the name can
 * compute the number. What protects it is that it is dealt in shares.
 *
 * 48 bits of SHA-256: that any two of n different persons share a number has a chance of about n² / 2^49.
 */
import { createHash } from 'node:crypto'

export const normalised = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

export const personCode = (name: string, born: string): string =>
  createHash('sha256')
    .update(`${normalised(name)}|${born}`)
    .digest()
    .readUIntBE(0, 6)
    .toString()
