/**
 * What this process counts, in the text format of Prometheus. Whoever measures gets an instrument and adds to it; the
 * admin listener prints them all. Labels take few values, known beforehand: no digest, path or name of a person.
 */

type Labels = Readonly<Record<string, string>>

interface Counter {
  add(count: number, labels?: Labels): void
}

interface Histogram {
  record(value: number, labels?: Labels): void
}

export interface Metrics {
  counter(name: string, help: string): Counter
  /** `bounds` are the upper bounds of the buckets, rising. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram
  /** Read whenever somebody asks. */
  gauge(name: string, help: string, read: () => number, labels?: Labels): void
  text(): string
}

type Samples = () => readonly (readonly [suffix: string, labels: Labels, value: number])[]

/** Values under label sets, in the order in which they came up. */
const byLabels = <T>(initial: () => T) => {
  const values = new Map<string, { readonly labels: Labels; value: T }>()
  return {
    at: (labels: Labels) => {
      const key = JSON.stringify(Object.entries(labels).sort())
      const there = values.get(key) ?? { labels, value: initial() }
      values.set(key, there)
      return there
    },
    all: () => [...values.values()],
  }
}

const escaped = (value: string): string =>
  value.replace(/[\\"\n]/g, one => (one === '\n' ? '\\n' : `\\${one}`))

const labelsText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

export const createMetrics = (): Metrics => {
  const families = new Map<
    string,
    { readonly help: string; readonly type: string; readonly samples: Samples }
  >()
  const define = (name: string, type: string, help: string, samples: Samples): void => {
    if (families.has(name)) throw new Error(`the metric ${name} is defined twice`)
    families.set(name, { help, type, samples })
  }

  return Object.freeze({
    counter: (name: string, help: string) => {
      const sums = byLabels(() => 0)
      define(name, 'counter', help, () => sums.all().map(({ labels, value }) => ['', labels, value]))
      return {
        add: (count: number, labels: Labels = {}) => {
          sums.at(labels).value += count
        },
      }
    },
    histogram: (name: string, help: string, bounds: readonly number[]) => {
      const series = byLabels(() => ({ counts: bounds.map(() => 0), count: 0, sum: 0 }))
      define(name, 'histogram', help, () =>
        series
          .all()
          .flatMap(({ labels, value: { counts, count, sum } }) => [
            ...bounds.map((bound, i) => ['_bucket', { ...labels, le: `${bound}` }, counts[i] ?? 0] as const),
            ['_bucket', { ...labels, le: '+Inf' }, count] as const,
            ['_sum', labels, sum] as const,
            ['_count', labels, count] as const,
          ]),
      )
      return {
        record: (value: number, labels: Labels = {}) => {
          const one = series.at(labels).value
          one.counts = one.counts.map((count, i) => count + (value <= (bounds[i] ?? 0) ? 1 : 0))
          one.count += 1
          one.sum += value
        },
      }
    },
    gauge: (name: string, help: string, read: () => number, labels: Labels = {}) =>
      define(name, 'gauge', help, () => [['', labels, read()]]),
    text: () =>
      [...families]
        .map(([name, { help, type, samples }]) =>
          [
            `# HELP ${name} ${help}`,
            `# TYPE ${name} ${type}`,
            ...samples().map(([suffix, labels, value]) => `${name}${suffix}${labelsText(labels)} ${value}`),
          ].join('\n'),
        )
        .join('\n')
        .concat('\n'),
  })
}
