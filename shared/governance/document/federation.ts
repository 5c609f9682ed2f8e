/**
 * The federation manifest: who the three parties and the members are, for which purposes they compute together and
 * under which rules. Everything else refers to it by digest, so a changed manifest is a new manifest, signed anew, that
 * names the one it follows.
 */
import { z } from 'zod'
import { countryText, digestText, nameText, partyIndex, sealingKeyText, signingKeyText } from './common.ts'

export const partySchema = z.strictObject({
  index: partyIndex,
  /** The legal entity that runs the party. */
  operator: nameText,
  country: countryText,
  /** Who ultimately owns the operator, and where: what an authority there could reach. */
  parent: nameText,
  parentCountry: countryText,
  /** Where it runs, such as aws, azure, onprem. */
  provider: nameText,
  region: nameText,
  endpoint: z.url({ protocol: /^https?$/ }),
  signingKey: signingKeyText,
  sealingKey: sealingKeyText,
})

export const memberSchema = z.strictObject({
  name: nameText,
  country: countryText,
  signingKey: signingKeyText,
  sealingKey: sealingKeyText,
  roles: z.array(z.enum(['owner', 'recipient', 'dpo'])),
})

export const federationSchema = z.strictObject({
  kind: z.literal('federation'),
  name: nameText,
  version: z.int().min(1),
  /** Digest of the manifest that this one follows; the first version has none. */
  previous: digestText.optional(),
  parties: z.tuple([partySchema, partySchema, partySchema]),
  members: z.array(memberSchema).min(1).max(500),
  purposes: z.array(nameText).min(1).max(100),
  policy: z.strictObject({
    /** No request may ask for smaller groups. */
    minimumGroupSize: z.int().min(1),
    /** A request may wait for its approvals for at most so long. */
    approvalHoursMax: z.number().positive().max(8784),
    /** Rows worked on between two checkpoints, at most: fits a stage into small functions, and costs rounds. */
    stageRowsMax: z.int().min(64).multipleOf(64).optional(),
    /**
     * What lies between two parties, as measured; the planner chooses the cheapest plan by it. It is agreed here because
     * all three parties have to choose the same one.
     */
    network: z
      .strictObject({
        /** One way, in milliseconds. */
        latencyMs: z.int().min(0).max(10_000),
        bytesPerSecond: z.int().min(1000).max(1_000_000_000_000),
      })
      .optional(),
  }),
  jurisdiction: z.strictObject({
    /** In each of these countries at least one party must run. */
    requiredPartyCountries: z.array(countryText).optional(),
    /** When given, no party may run, and no parent may sit, in any other country. */
    allowedPartyCountries: z.array(countryText).optional(),
  }),
})

export type Party = Readonly<z.infer<typeof partySchema>>
export type Member = Readonly<z.infer<typeof memberSchema>>
export type Role = Member['roles'][number]
export type Federation = Readonly<z.infer<typeof federationSchema>>
