/** Limits of Lambda that the local host enforces, so that what passes here does not fail there. */

/** Of a request and of a response, as the JSON that Lambda hands over: binary bodies count in base64. */
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024

/** Loading the module and its top-level code; beyond it Lambda starts over. */
export const INIT_LIMIT_MS = 10_000
