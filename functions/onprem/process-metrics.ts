/** The process itself: memory, processor time, event loop, and which build it is. */
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

/** In a deployment package there is no package.json with a version; its own folder names the build. */
const version = (): string => {
  try {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    return (JSON.parse(text) as { version?: string }).version ?? 'unknown'
  } catch {
    return 'unknown'
  }
}

export const measureProcess = (metrics: Metrics, party: number): void => {
  const startedSeconds = Date.now() / 1000 - process.uptime()
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  metrics.gauge('trias_build_info', 'Always 1; the labels say what runs.', () => 1, {
    version: version(),
    node: process.version,
    party: `${party}`,
  })
  metrics.gauge('process_start_time_seconds', 'When the process started, since 1970.', () => startedSeconds)
  metrics.gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  metrics.gauge('nodejs_heap_size_used_bytes', 'Memory of objects.', () => process.memoryUsage().heapUsed)
  metrics.gauge('process_cpu_seconds', 'Processor time used since the start.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge('nodejs_eventloop_lag_p99_seconds', 'Delay of the event loop since the last reading.', () => {
    const seconds = delay.percentile(99) / 1e9
    delay.reset()
    return Number.isFinite(seconds) ? seconds : 0
  })
}
