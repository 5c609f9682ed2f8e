import { expect, test } from 'vitest'
import { toBase64url } from '../../shared/base/bytes.ts'
import { openGrant, sealGrant } from '../../shared/governance/grants.ts'
import { openSeed, runId, sealSeed } from '../../shared/governance/run.ts'
import {
  approvalOf,
  datasets,
  digest,
  grantBytes,
  grantsOf,
  offers,
  openedRequest,
  run,
  runKeys,
} from './cast.ts'

const [de, fr] = [datasets[0].digest, datasets[1].digest]
const secretOf = (party: number, attempt = 1): Uint8Array =>
  runKeys[attempt - 1]?.[party]?.secretKey as Uint8Array
const broken = { check: 'seal-broken' }

test('each party opens its own grant, and only that', async () => {
  const approval = approvalOf('acme-de')
  for (const party of [0, 1, 2] as const)
    expect(await openGrant(secretOf(party), approval, de, party)).toEqual(grantBytes(de, party))
  await expect(openGrant(secretOf(0), approval, de, 1)).rejects.toMatchObject(broken)
  await expect(openGrant(secretOf(1), approval, de, 0)).rejects.toMatchObject(broken)
})

test('a grant opens with no key of another attempt: destroying the key of a run ends it', async () => {
  await expect(openGrant(secretOf(0, 2), approvalOf('acme-de'), de, 0)).rejects.toMatchObject(broken)
})

test('a grant is bound to request, version and party', async () => {
  const grants = await grantsOf('acme-de')
  const other = { request: digest('another request') }
  await expect(openGrant(secretOf(0), approvalOf('acme-de', other), de, 0)).rejects.toMatchObject(broken)
  const moved = approvalOf('acme-de', { grants: { [fr]: grants[de] as [string, string, string] } })
  await expect(openGrant(secretOf(0), moved, fr, 0)).rejects.toMatchObject(broken)
  const key = offers[0].document.runSealingKey
  const forOne = await sealGrant(
    key,
    { request: openedRequest.digest, version: de, party: 1 },
    grantBytes(de, 1),
  )
  const swapped = approvalOf('acme-de', { grants: { [de]: [forOne, forOne, forOne] } })
  await expect(openGrant(secretOf(0), swapped, de, 0)).rejects.toMatchObject(broken)
})

test('no grant for a version: a refusal that names the owner', async () => {
  await expect(openGrant(secretOf(0), approvalOf('acme-de'), fr, 0)).rejects.toMatchObject({
    rule: 'approval-grant-missing',
    message: expect.stringContaining('acme-de'),
  })
})

test('the run id depends on request, offers and attempt', () => {
  const three = [offers[0].digest, offers[1].digest, offers[2].digest] as const
  const ids = [
    run,
    runId(openedRequest.digest, [three[0], three[1], three[2]], 2),
    runId(digest('another request'), [three[0], three[1], three[2]], 1),
    runId(openedRequest.digest, [three[1], three[0], three[2]], 1),
  ]
  expect(new Set(ids).size).toBe(4)
  expect(runId(openedRequest.digest, [three[0], three[1], three[2]], 1)).toBe(run)
})

test('a PRSS seed goes from party i to party i - 1, for one run', async () => {
  const seed = new Uint8Array(32).fill(9)
  const request = openedRequest.digest
  const keyOfPrevious = toBase64url(runKeys[0]?.[2]?.publicKey as Uint8Array)
  const sealed = await sealSeed(keyOfPrevious, { request, run, party: 0 }, seed)
  expect(await openSeed(secretOf(2), { request, run, party: 0 }, sealed)).toEqual(seed)
  await expect(openSeed(secretOf(1), { request, run, party: 0 }, sealed)).rejects.toMatchObject(broken)
  await expect(openSeed(secretOf(2), { request, run, party: 1 }, sealed)).rejects.toMatchObject(broken)
  await expect(
    openSeed(secretOf(2), { request, run: digest('other'), party: 0 }, sealed),
  ).rejects.toMatchObject(broken)
})
