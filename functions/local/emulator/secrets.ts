/**
 * Just enough of Secrets Manager for a party on the local Lambda host: CreateSecret and GetSecretValue, in memory, on
 * loopback. It encrypts nothing, knows no versions, rotation or policies, and checks no credentials: it holds the keys
 * of demo parties and tests, never real ones.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen } from '../host/listen.ts'
import { readBody } from '../host/read-body.ts'
import type { Emulator } from './dynamodb.ts'

const BODY_BYTES_MAX = 1 << 20

/** In the region that the request is signed for. */
const arnOf = ({ headers }: IncomingMessage, name: string): string => {
  const region = /Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(headers.authorization ?? '')?.[1]
  return `arn:aws:secretsmanager:${region}:000000000000:secret:${name}-AbCdEf`
}

export const startSecrets = async (port = 0): Promise<Emulator> => {
  const secrets = new Map<string, string>()
  const answer = (response: ServerResponse, status: number, content: object): void => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content))
  }
  const fail = (response: ServerResponse, type: string): void => answer(response, 400, { __type: type })

  const server = await listen(port, async (request, response) => {
    const body = await readBody(request, BODY_BYTES_MAX)
    const input = JSON.parse(body?.toString() ?? '{}')
    switch (request.headers['x-amz-target']) {
      case 'secretsmanager.CreateSecret':
        if (secrets.has(input.Name)) return fail(response, 'ResourceExistsException')
        secrets.set(input.Name, input.SecretString)
        return answer(response, 200, { Name: input.Name })
      case 'secretsmanager.GetSecretValue': {
        const SecretString = secrets.get(input.SecretId)
        if (SecretString === undefined) return fail(response, 'ResourceNotFoundException')
        return answer(response, 200, {
          Name: input.SecretId,
          SecretString,
          ARN: arnOf(request, input.SecretId),
        })
      }
      default:
        return fail(response, 'InvalidRequestException')
    }
  })
  return { endpoint: `http://127.0.0.1:${server.port}`, close: server.close }
}
