/** All verbs. They load what they need when they run, so that `--help` is instant. */
import type { Command } from 'commander'
import { group } from './command.ts'
import { EXIT_CODES } from './exit-code.ts'
import { approve } from './verb/approve.ts'
import { datasetCheck } from './verb/dataset-check.ts'
import { datasetList } from './verb/dataset-list.ts'
import { datasetPush } from './verb/dataset-push.ts'
import { datasetShow } from './verb/dataset-show.ts'
import { explain } from './verb/explain.ts'
import { federationAdd } from './verb/federation-add.ts'
import { federationInit } from './verb/federation-init.ts'
import { federationRevise } from './verb/federation-revise.ts'
import { federationShow } from './verb/federation-show.ts'
import { federationSign } from './verb/federation-sign.ts'
import { keygen } from './verb/keygen.ts'
import { localityCheck } from './verb/locality-check.ts'
import { localityVerify } from './verb/locality-verify.ts'
import { logVerify } from './verb/log-verify.ts'
import { partyDrain } from './verb/party-drain.ts'
import { partyExportSecret } from './verb/party-export-secret.ts'
import { partyPause } from './verb/party-pause.ts'
import { partyResume } from './verb/party-resume.ts'
import { partyRotateKeys } from './verb/party-rotate-keys.ts'
import { partyStart } from './verb/party-start.ts'
import { partyStatus } from './verb/party-status.ts'
import { refuse } from './verb/refuse.ts'
import { requestCreate } from './verb/request-create.ts'
import { requestList } from './verb/request-list.ts'
import { requestShow } from './verb/request-show.ts'
import { result } from './verb/result.ts'
import { run } from './verb/run.ts'

export const program = group('trias', 'Agreed reports over data that may not be pooled', [
  keygen(),
  group('federation', 'Who takes part: three parties, members, purposes, policy', [
    federationInit(),
    federationAdd(),
    federationSign(),
    federationShow(),
    federationRevise(),
  ]),
  group('party', 'A computing party, for its operator', [
    partyStart(),
    partyStatus(),
    partyPause(),
    partyDrain(),
    partyResume(),
    partyRotateKeys(),
    partyExportSecret(),
  ]),
  group('dataset', 'Data of an owner: check it, share it, list versions', [
    datasetCheck(),
    datasetPush(),
    datasetList(),
    datasetShow(),
  ]),
  group('request', 'Reports that somebody asks for', [requestCreate(), requestShow(), requestList()]),
  explain(),
  approve(),
  refuse(),
  run(),
  result(),
  group('log', "The parties' logs", [logVerify()]),
  group('locality', 'Whether a deployment keeps a party in its region', [localityVerify()]).addCommand(
    localityCheck(),
    { isDefault: true },
  ),
])
  .usage('<verb> [options]')
  .addHelpText(
    'after',
    `
A report from start to end:
  $ trias explain --sql-file examples/payroll/report.sql --schema examples/payroll/schema.json --rows 20000
  $ trias dataset push --schema payroll.schema.json --source payroll.csv           each data owner
  $ trias run --sql-file pay.sql --purpose pay-equity --watch                       the recipient
  $ trias approve latest                                                            each data owner
  $ trias result latest                                                             the recipient

Exit codes:
${EXIT_CODES.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n')}

Every verb takes --json and --home; "trias <verb> --help" shows examples.`,
  )

const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)

const takesValue = (flag: string | undefined): boolean =>
  leaves(program).some(({ options }) => options.some(option => option.long === flag && option.required))

/**
 * A digest may begin with a dash. There is no short option but -h, so a longer word with one dash is a value; it moves
 * behind `--`, where it cannot be taken for an option.
 */
export const dashedValuesLast = (line: readonly string[]): readonly string[] => {
  if (line.includes('--')) return line
  const isDashed = (word: string, at: number): boolean =>
    /^-[\w][\w-]+$/.test(word) && !takesValue(line[at - 1])
  const dashed = line.filter(isDashed)
  return dashed.length === 0 ? line : [...line.filter((word, at) => !isDashed(word, at)), '--', ...dashed]
}
