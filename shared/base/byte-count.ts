const UNITS = ['B', 'kB', 'MB', 'GB'] as const

/** 1234567 → `1.2 MB`, in the units of `explain`. */
export const byteCount = (bytes: number): string => {
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`
}
