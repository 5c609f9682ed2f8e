/** The two seeds of a party as a cloud's secret store holds them: JSON, 32 bytes each in base64url. */
import { z } from 'zod'
import { fromBase64url } from '../../shared/base/bytes.ts'
import { InputError } from '../../shared/base/errors.ts'
import type { PartySecrets } from '../../shared/party/key-file.ts'

const seed = z.string().regex(/^[\w-]{43}$/)
const secretSchema = z.strictObject({ signingSeed: seed, sealingSeed: seed })

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `where` names the secret. Throws InputError when it holds something else; what it holds is told to nobody. */
export const parsePartySecret = (text: string | undefined, where: string): PartySecrets => {
  const parsed = secretSchema.safeParse(parseJson(text ?? ''))
  if (!parsed.success)
    throw new InputError('the secret of the party does not hold its two seeds', {
      where,
      hint: 'store JSON with signingSeed and sealingSeed, 32 bytes each in base64url',
    })
  return {
    signingSeed: fromBase64url(parsed.data.signingSeed),
    sealingSeed: fromBase64url(parsed.data.sealingSeed),
  }
}
