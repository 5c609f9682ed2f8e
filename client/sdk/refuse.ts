/** An owner's or a data protection officer's no, with its reason. It ends the request at all three parties. */
import { InputError } from '../../shared/base/errors.ts'
import { type Connection, pick, post, requests } from './federation-client.ts'

export const refuse = async (
  connection: Connection,
  name: string,
  reason: string,
): Promise<{ readonly request: string; readonly digest: string }> => {
  if (reason.trim() === '')
    throw new InputError('a refusal needs a reason', { hint: 'Give it with --reason.' })
  const request = pick('request', await requests(connection), name)
  const digest = await post(connection, {
    kind: 'refusal',
    request: request.digest,
    by: connection.member.name,
    reason: reason.trim(),
  })
  return { request: request.digest, digest }
}
