/** Whether a party measures: only when a collector is configured, and only then is OpenTelemetry loaded. */
import { InputError } from '../../../shared/base/errors.ts'
import type { Telemetry } from '../../../shared/port/telemetry.ts'
import { RELEASE } from '../release.ts'

/** `a=1,b=2`, percent-encoded, as OpenTelemetry writes it. */
const headersOf = (text: string | undefined): Record<string, string> =>
  Object.fromEntries(
    (text ?? '')
      .split(',')
      .filter(pair => pair.trim() !== '')
      .map(pair => {
        const at = pair.indexOf('=')
        if (at < 1)
          throw new InputError('OTEL_EXPORTER_OTLP_HEADERS is not a list of name=value', {
            where: 'OTEL_EXPORTER_OTLP_HEADERS',
          })
        return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
      }),
  )

/**
 * By the variables of OpenTelemetry: OTEL_EXPORTER_OTLP_ENDPOINT turns it on, OTEL_EXPORTER_OTLP_HEADERS goes to the
 * collector. undefined: not configured. Throws InputError for an address that is none.
 */
export const telemetryFrom = async (
  environment: Readonly<Record<string, string | undefined>>,
  party: number,
): Promise<Telemetry | undefined> => {
  const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined || endpoint === '') return undefined
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw new InputError('OTEL_EXPORTER_OTLP_ENDPOINT is not an http or https address', {
      where: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      hint: 'name the collector, such as http://127.0.0.1:4318',
    })
  const { otelTelemetry } = await import('./otel.ts')
  return otelTelemetry({
    endpoint,
    headers: headersOf(environment.OTEL_EXPORTER_OTLP_HEADERS),
    party,
    version: RELEASE,
  })
}
