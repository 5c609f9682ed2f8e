/** An emulator that runs already, at AWS_ENDPOINT_URL. It is asked who it is first: nothing here may be sent to AWS itself. */
import { InputError } from '../../shared/base/errors.ts'
import { CannotBeHad, type Source, versionAt } from './localstack.ts'

export const givenEndpoint = (endpoint: string | undefined): Source => ({
  name: 'AWS_ENDPOINT_URL',
  start: async () => {
    if (endpoint === undefined || endpoint === '') throw new CannotBeHad('not set')
    const version = await versionAt(endpoint)
    // Whoever names one wants that one, so another one is no substitute.
    if (version === undefined)
      throw new InputError('nothing at AWS_ENDPOINT_URL answers as LocalStack does', {
        where: endpoint,
        hint: 'it has to answer /_localstack/health; without the variable one is started',
      })
    return {
      endpoint,
      about: `the emulator at ${endpoint}, which says it is version ${version}`,
      standIns: [],
      close: async () => {},
    }
  },
})
