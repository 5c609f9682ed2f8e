/**
 * F(k, label): the stream that two holders of one key draw without a message.
 *
 * AES-128-CTR with a zero IV under a key of its own for every label, HKDF-SHA256(k, label, 16), so no two labels ever
 * share a block. Opened once, it gives the next `byteLength` bytes a call, in fresh memory at an 8-byte boundary; where
 * the calls cut the stream makes no difference to its bytes. Every implementation returns the same bytes.
 */
export type Keystream = (key: Uint8Array, label: string) => (byteLength: number) => Uint8Array

export const KEYSTREAM_KEY_BYTES = 16
