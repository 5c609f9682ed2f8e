/**
 * What a check found, signed by the operator: a file that a data protection officer can keep beside the record of processing.
 * It names every file by its digest, so that anybody with the files can check that it speaks of them.
 */
import { fromBase64url } from '../../shared/base/bytes.ts'
import type { Json } from '../../shared/base/canonical.ts'
import { InputError, Refusal } from '../../shared/base/errors.ts'
import { type GeneralJws, parseJws, type Signer, signJws, verifyJws } from '../../shared/crypto/jws.ts'
import { keyId } from '../../shared/crypto/key-id.ts'
import { isEea, regionFacts } from './countries.ts'
import type { CheckedFile, DirectoryReport } from './directory.ts'
import type { Finding } from './finding.ts'
import type { Home } from './home.ts'

const TYP = 'trias-locality+json'

type Verdict = 'holds' | 'violated' | 'nothing to look at'

interface RuleVerdict {
  readonly id: string
  readonly verdict: Verdict
  /** How many places the rule looked at. */
  readonly looked: number
  readonly proves: string
  readonly law: string
}

export interface LocalityEvidence {
  readonly kind: 'locality-evidence'
  readonly tool: { readonly name: 'trias'; readonly version: string }
  /** When it was checked, RFC 3339. */
  readonly time: string
  /** What was looked at: files before a deployment, or what the provider answered. */
  readonly source: 'files' | 'provider'
  readonly home: {
    readonly provider: Home['provider']
    readonly region: string
    readonly country: string | null
    readonly eea: boolean
    readonly countries: readonly string[] | null
  }
  readonly files: readonly CheckedFile[]
  readonly rules: readonly RuleVerdict[]
  readonly findings: readonly Finding[]
}

/** One line a rule: whether it held, and at how many places. */
export const verdictsOf = ({
  rules,
  looked,
  findings,
}: Omit<DirectoryReport, 'files'>): readonly RuleVerdict[] => {
  const violated = new Set(findings.map(({ rule }) => rule))
  return rules.map(({ id, proves, law }) => {
    const count = looked.get(id) ?? 0
    return {
      id,
      verdict: violated.has(id) ? 'violated' : count > 0 ? 'holds' : 'nothing to look at',
      looked: count,
      proves,
      law,
    }
  })
}

interface EvidenceOptions {
  readonly report: DirectoryReport
  readonly home: Home
  readonly source: LocalityEvidence['source']
  readonly version: string
  readonly time: string
  readonly signer: Signer
}

export const signEvidence = ({
  report,
  home,
  source,
  version,
  time,
  signer,
}: EvidenceOptions): GeneralJws => {
  const country =
    home.provider === 'onprem' ? home.countries?.[0] : regionFacts(home.provider, home.region)?.country
  const evidence: LocalityEvidence = {
    kind: 'locality-evidence',
    tool: { name: 'trias', version },
    time,
    source,
    home: {
      provider: home.provider,
      region: home.region,
      country: country ?? null,
      eea: country !== undefined && isEea(country),
      countries: home.countries ?? null,
    },
    files: report.files,
    rules: verdictsOf(report),
    findings: report.findings,
  }
  return signJws(evidence as unknown as Json, signer, TYP)
}

/**
 * The evidence, when its signature holds under `signingKey`, which the reader knows from the party's card or manifest.
 * Throws Refusal when it does not.
 */
export const openEvidence = (
  signed: unknown,
  signingKey: string,
): { evidence: LocalityEvidence; kid: string } => {
  parseJws(signed)
  let key: Uint8Array
  try {
    key = fromBase64url(signingKey)
  } catch (cause) {
    throw new InputError('the signing key is not base64url', { where: 'signing key', cause })
  }
  const own = keyId(key)
  const { payload, kids } = verifyJws(signed, kid => (kid === own ? key : undefined), TYP)
  const evidence = payload as unknown as LocalityEvidence
  if (evidence.kind !== 'locality-evidence')
    throw new Refusal('document-other-kind', 'the signed document is no locality evidence')
  return { evidence, kid: kids[0] as string }
}
