/**
 * Where a party on Azure is: the region that the platform gives its app, and for the account that keeps its data what
 * Azure's control plane says of it, read with the managed identity of the app (role Reader over the account). Its data
 * plane does not tell. One GET request.
 */
import type { TokenCredential } from '@azure/identity'
import { z } from 'zod'
import { Unavailable } from '../../shared/base/errors.ts'
import type { Location, Place } from '../../shared/port/place.ts'

interface Resources {
  /** As the platform sets it. */
  readonly region: string
  /** ARM id of the storage account. undefined: an emulator on this machine, which is nowhere else. */
  readonly storageId: string | undefined
  readonly credential: () => Pick<TokenCredential, 'getToken'>
  readonly endpoint?: string
  readonly send: typeof fetch
}

const CONTROL_PLANE = 'https://management.azure.com'
const API_VERSION = '2023-05-01'
const LIMIT_MS = 5000

const accountSchema = z.object({
  location: z.string().min(1),
  properties: z.object({ secondaryLocation: z.string().min(1).nullish() }),
})

export const azurePlace = (resources: Resources): Place => {
  const { region, storageId, credential, endpoint = CONTROL_PLANE, send } = resources
  const storage = async (): Promise<readonly Location[]> => {
    if (storageId === undefined) return []
    let account: z.infer<typeof accountSchema>
    try {
      const token = await credential().getToken(`${CONTROL_PLANE}/.default`)
      if (token === null) throw new Error('no token')
      const response = await send(`${endpoint}${storageId}?api-version=${API_VERSION}`, {
        headers: { authorization: `Bearer ${token.token}` },
        signal: AbortSignal.timeout(LIMIT_MS),
      })
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      account = accountSchema.parse(await response.json())
    } catch (cause) {
      throw new Unavailable('Azure does not say where the storage account is', { cause })
    }
    const { secondaryLocation } = account.properties
    return [
      { what: 'storage account', region: account.location },
      ...(secondaryLocation == null
        ? []
        : [{ what: 'copy of the storage account', region: secondaryLocation }]),
    ]
  }
  return { locate: async () => [{ what: 'functions', region }, ...(await storage())] }
}
