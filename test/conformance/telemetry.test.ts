import { createMetrics } from '../../functions/onprem/metrics.ts'
import { bothTelemetries, metricsTelemetry } from '../../functions/onprem/metrics-telemetry.ts'
import { telemetryFrom } from '../../functions/party/telemetry/choose.ts'
import { createTally } from '../../functions/party/telemetry/tally.ts'
import { silentTelemetry } from '../../shared/port/telemetry.ts'
import { telemetryConformance } from './telemetry.ts'

/** Nobody listens there. */
const otel = async () => (await telemetryFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, 0))!

telemetryConformance('nobody', () => silentTelemetry)
telemetryConformance('sums in the process', createTally)
telemetryConformance('OpenTelemetry without a collector', otel)
telemetryConformance('metrics of the admin address', () => metricsTelemetry(createMetrics()))
telemetryConformance('both', async () => bothTelemetries(await otel(), createTally()))
