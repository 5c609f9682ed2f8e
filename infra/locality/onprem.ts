/** The locality of a compose file or of Kubernetes manifests. */
import type { Finding } from './finding.ts'
import { nameInFiles, ONPREM_RULES, readOnprem } from './onprem-rules.ts'
import { type Examination, examine } from './rule.ts'

export interface OnpremHome {
  /** What the operator calls the site. */
  readonly site?: string
  /** Declared: no file can show where a machine stands. */
  readonly countries: readonly string[]
}

export const examineOnprem = (
  documents: readonly unknown[],
  { site = 'on-premises', countries }: OnpremHome,
  file?: string,
): Examination => {
  const files = readOnprem(documents, { provider: 'onprem', region: site, countries })
  return examine(ONPREM_RULES, files, nameInFiles(files), file)
}

/** `documents` are all documents of one YAML file, parsed. */
export const checkOnprem = (
  documents: readonly unknown[],
  home: OnpremHome,
  file?: string,
): readonly Finding[] => examineOnprem(documents, home, file).findings
