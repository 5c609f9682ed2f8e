/**
 * What one party does about a request, step by step: `requested` → `offered` → `ready` → `running` → `done`, or an end
 * without a result: `refused`, `expired`, `aborted`.
 *
 * `advanceRequest` looks at what is known and takes every step that can be taken now, the run included. It holds nothing in
 * memory that it needs: calling it twice, or after a restart, does the same. The job record changes by compare-and-set before anything
 * that must happen once.
 */
import { toBase64url, utf8 } from '../base/bytes.ts'
import { Abort, InputError, Refusal, Unavailable } from '../base/errors.ts'
import { checkApprovals } from '../governance/check/approval.ts'
import { checkOffer, checkOffersAgree, type ThreeOffers } from '../governance/check/offer.ts'
import { checkRefusal } from '../governance/check/refusal.ts'
import { checkAbort, checkReady } from '../governance/check/run.ts'
import { secondsOf } from '../governance/document/common.ts'
import { runId, sealSeed } from '../governance/run.ts'
import type { OpenedDocument } from '../governance/sign.ts'
import { PARTIES, previousOf } from '../sharing/shared.ts'
import { FRAME_VERSION } from '../wire/frame.ts'
import { abortRun } from './abort.ts'
import { spendBudget } from './budget.ts'
import { compiledOf } from './compile-request.ts'
import { endRun } from './end.ts'
import { runRecordKey } from './frames.ts'
import { openInputs } from './inputs.ts'
import { type Job, spanOf } from './jobs.ts'
import { WorkerLeaves } from './lease.ts'
import { requireHome } from './manifest.ts'
import { leavesPaused, readMode, refusesNew } from './mode.ts'
import { type RequestFile, readRequestFile } from './request-file.ts'
import { runHandle, runSeed } from './run-key.ts'
import { say, sayAgain } from './say.ts'
import { manifestOf, nowS, type Self } from './self.ts'
import { hasEnded } from './status.ts'
import { runToEnd, type Worker } from './work.ts'

/** Rises whenever two releases would not compute the same from one request: compiler, protocols, addresses, masks. */
export const PROTOCOL_VERSION = 2

/** What a step makes of a job: the changed job to go on with, or null when there is nothing more to do now. */
type Step = (self: Self, job: Job, file: RequestFile) => Promise<Job | null>

const ruleOf = (error: unknown): string | undefined => (error instanceof Refusal ? error.rule : undefined)

/** This party's own no: the others must hear it, so that they stop too. */
const refuse = async (self: Self, job: Job, error: Refusal | InputError): Promise<null> => {
  const by = manifestOf(self).opened.document.parties[self.world.party].operator
  const rule = error instanceof Refusal ? error.rule : 'input'
  const hint = error.hint === undefined ? {} : { hint: error.hint }
  await endRun(self, job, 'refused', { rule, detail: error.message, by, ...hint })
  return null
}

const offer: Step = async (self, job, file) => {
  const { world } = self
  const { query, cost } = await compiledOf(self, file)
  const { publicKey } = await world.keyring.createRunKey(runHandle(job))
  // The same bytes if this step is taken again after a restart, so the others see one offer.
  const digest = await say(self, {
    kind: 'offer',
    request: job.request,
    party: world.party,
    attempt: job.attempt,
    planDigest: query.digest,
    disclosureDigest: query.disclosureDigest,
    cost: { rounds: cost.rounds, bytesPerParty: [...cost.bytesPerParty] as [number, number, number] },
    runSealingKey: toBase64url(publicKey),
    speaks: { protocol: [PROTOCOL_VERSION], frames: [FRAME_VERSION] },
    expiresAt: file.request.document.expiresAt,
  })
  await self.journal.append('offered', job.request, { offer: digest, plan: query.digest })
  return self.jobs.change(job, {
    state: 'offered',
    roundsTotal: cost.rounds,
    bytesTotal: cost.bytesPerParty[world.party],
    bytesPerParty: cost.bytesPerParty,
  })
}

/** null: not all three are here. Throws Refusal when they are and do not agree. */
const agreedOffers = (self: Self, job: Job, file: RequestFile): ThreeOffers | null => {
  const federation = manifestOf(self).opened
  const ofAttempt = file.offers.filter(({ document }) => document.attempt === job.attempt)
  try {
    const three = checkOffersAgree(ofAttempt)
    for (const one of three) checkOffer(one, { federation, request: file.request, nowS: nowS(self) })
    return three
  } catch (error) {
    if (ruleOf(error) === 'offers-missing') return null
    throw error
  }
}

/** The approvals that count, sorted by digest; null while one is missing or none of an owner's holds. */
const approvalsOf = async (
  self: Self,
  file: RequestFile,
  offers: ThreeOffers,
): Promise<readonly OpenedDocument<'approval'>[] | null> => {
  const { query } = await compiledOf(self, file)
  try {
    const chosen = checkApprovals(file.approvals, {
      federation: manifestOf(self).opened,
      request: file.request,
      versions: file.versions,
      offers,
      own: { planDigest: query.digest, disclosureDigest: query.disclosureDigest },
      nowS: nowS(self),
    })
    return [...chosen.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.rule !== 'approval-missing')
      self.world.log.write('warn', 'approval-not-counted', { request: file.request.digest, rule: error.rule })
    return null
  }
}

const getReady: Step = async (self, job, file) => {
  const { world } = self
  const offers = agreedOffers(self, job, file)
  if (offers === null) return null
  const approvals = await approvalsOf(self, file, offers)
  if (approvals === null) return null
  const run = runId(job.request, [offers[0].digest, offers[1].digest, offers[2].digest], job.attempt)
  await world.volatile.putIfAbsent(runRecordKey(run), utf8(job.request))
  const named: Job = { ...job, run }
  const locations = await world.place.locate()
  try {
    // Nothing is opened anywhere but where the manifest has this party, whatever was true when it was started.
    requireHome(manifestOf(self), world, locations)
    // Every piece opens and has the digest that its owner signed, or this party does not say that it is ready.
    await openInputs(self, named, file, approvals)
  } catch (error) {
    if (!(error instanceof Abort) && !(error instanceof Refusal)) throw error
    await abortRun(self, named, error)
    return null
  }
  // Sealing is randomised: what was said before a restart stays said.
  const said = file.readies.find(({ document }) => document.party === world.party && document.run === run)
  if (said !== undefined) await sayAgain(self, job.request, said.digest)
  else {
    const previous = previousOf(world.party)
    await say(self, {
      kind: 'ready',
      request: job.request,
      run,
      party: world.party,
      approvals: approvals.map(({ digest }) => digest),
      locations: [...locations],
      seed: await sealSeed(
        offers[previous].document.runSealingKey,
        { request: job.request, run, party: world.party },
        await runSeed(self, named),
      ),
    })
    await self.journal.append('ready', job.request, { run })
  }
  return self.jobs.change(job, { state: 'ready', run })
}

const start: Step = async (self, job, file) => {
  const { world } = self
  const offers = agreedOffers(self, job, file)
  const approvals = offers === null ? null : await approvalsOf(self, file, offers)
  const readies = PARTIES.map(party =>
    file.readies.find(({ document }) => document.party === party && document.run === job.run),
  )
  const missing = PARTIES.filter(party => readies[party] === undefined)
  if (approvals === null || missing.length > 0) {
    if (world.clock.nowMs() - job.updatedMs > world.deadlines.readyMs)
      await abortRun(
        self,
        job,
        missing.length > 0
          ? new Abort('deadline', `party ${missing.join(' and party ')} did not get ready`, {
              where: 'ready',
            })
          : new Abort('approval-expired', 'an approval ended before the run began', { where: 'ready' }),
      )
    return null
  }
  const context = {
    federation: manifestOf(self).opened,
    request: file.request,
    run: job.run as string,
    approvals: approvals.map(({ digest }) => digest),
  }
  try {
    for (const ready of readies) checkReady(ready as OpenedDocument<'ready'>, context)
    // Before the run can begin anywhere on this party's word, and once for it.
    await spendBudget(world.durable, job.run as string, file.request.document, file.versions.values())
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await abortRun(self, job, error)
    return null
  }
  const changed = await self.jobs.change(job, { state: 'running', startedMs: world.clock.nowMs() })
  if (changed === null) return null
  await self.journal.append('running', job.request, { run: changed.run })
  return changed
}

/** The run that the offers of this attempt determine. undefined: they are not all here, or do not agree. */
const runOf = (job: Job, file: RequestFile): string | undefined => {
  try {
    const [a, b, c] = checkOffersAgree(file.offers.filter(({ document }) => document.attempt === job.attempt))
    return runId(job.request, [a.digest, b.digest, c.digest], job.attempt)
  } catch {
    return undefined
  }
}

/**
 * Executes the run with the approvals that this party named when it got ready, which stay the same whatever has arrived
 * or expired since. What goes wrong in it is an end of the run, unless it is an outage or another worker's turn.
 */
const execute = async (self: Self, job: Job, file: RequestFile, worker: Worker): Promise<void> => {
  const readies = file.readies.filter(({ document }) => document.run === job.run)
  const named = readies.find(({ document }) => document.party === self.world.party)?.document.approvals ?? []
  const approvals = file.approvals.filter(({ digest }) => named.includes(digest))
  try {
    await self.world.telemetry.span('trias.run', spanOf(job), () =>
      runToEnd(self, job, { file, approvals, readies }, worker),
    )
  } catch (error) {
    if (error instanceof WorkerLeaves || error instanceof Unavailable) throw error
    const known = error instanceof Abort || error instanceof Refusal
    if (!known) self.world.log.write('error', 'run-failed', { request: job.request, error: String(error) })
    await abortRun(self, job, known ? error : new Abort('internal', `party ${self.world.party} failed`))
  }
}

/** What others said that ends the request here too; true when it did. */
const heardTheEnd = async (self: Self, job: Job, file: RequestFile): Promise<boolean> => {
  const federation = manifestOf(self).opened
  for (const refusal of file.refusals) {
    try {
      checkRefusal(refusal, { federation, request: file.request, versions: file.versions })
    } catch {
      continue
    }
    const { by, reason, rule = 'refused', hint } = refusal.document
    await endRun(self, job, 'refused', { rule, detail: reason, by, ...(hint === undefined ? {} : { hint }) })
    return true
  }
  // What a peer calls the run is believed only when the offers say the same: the end of a run clears what is kept for it.
  const run = job.run ?? runOf(job, file)
  for (const abort of run === undefined ? [] : file.aborts) {
    try {
      checkAbort(abort, { federation, request: file.request, run: run as string })
    } catch {
      continue
    }
    const { party, check, where } = abort.document
    const reason = { check, detail: `party ${party} aborted the run`, by: `party ${party}` }
    const named = { ...job, run: run as string }
    await endRun(self, named, 'aborted', where === undefined ? reason : { ...reason, where })
    return true
  }
  return false
}

const stepOf = (job: Job): Step | undefined => {
  switch (job.state) {
    case 'requested':
      return offer
    case 'offered':
      return getReady
    case 'ready':
      return start
    default:
      return undefined
  }
}

/** What others said is heard even while another worker, here or elsewhere, is busy with the run. */
export const hearOthers = async (self: Self, job: Job): Promise<void> => {
  const file = await readRequestFile(self, job.request)
  if (file !== null) await heardTheEnd(self, job, file)
}

/** A party that drains finishes what everybody has agreed on, and says no to what would still wait for somebody. */
const refuseWaiting = async (self: Self, request: string): Promise<void> => {
  const job = await self.jobs.get(request)
  if (job?.state === 'offered') await refuse(self, job, refusesNew(self))
}

/**
 * Called by the holder of the request's lease. Throws WorkerLeaves and Unavailable, and for bugs; everything else ends in
 * the job record.
 */
export const advanceRequest = async (self: Self, request: string, worker: Worker): Promise<void> => {
  let next = await self.jobs.get(request)
  if (next?.state === 'running') await self.journal.append('resumed', request, { run: next.run })
  while (next !== null && !hasEnded(next.state)) {
    const job: Job = next
    await worker.lease.check()
    const file = await readRequestFile(self, request)
    if (file === null || (await heardTheEnd(self, job, file))) return
    const { mode } = await readMode(self.world.durable)
    if (mode === 'paused') throw leavesPaused()
    if (job.state === 'running') return execute(self, job, file, worker)
    if (secondsOf(file.request.document.expiresAt) <= nowS(self)) {
      await endRun(self, job, 'expired', {
        rule: 'request-expired',
        detail: 'the request expired before it could run',
      })
      return
    }
    try {
      if (mode === 'draining' && job.state === 'requested') throw refusesNew(self)
      next = (await stepOf(job)?.(self, job, file)) ?? null
      if (next === null && mode === 'draining') await refuseWaiting(self, request)
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof InputError)) throw error
      next = await refuse(self, job, error)
    }
  }
}
