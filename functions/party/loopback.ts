/** Whether an address is on this machine, where an emulator or a database needs neither a certificate nor a region. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/i

/** False for what is no URL. */
export const isLoopback = (url: string): boolean => LOOPBACK.test(URL.parse(url)?.hostname ?? '')
