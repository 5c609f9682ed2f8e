/** `trias federation sign`: one more signature under a manifest; with --send it goes to the three parties. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors.ts'
import { collect, homeOf, print, verb } from '../command.ts'
import { asMember, type MemberOptions, passphraseOf } from '../member.ts'
import { UsageError } from '../outcome.ts'

interface Options extends MemberOptions {
  readonly partyKey?: string
  readonly merge?: readonly string[]
  readonly send?: boolean
}

export const federationSign = (): Command =>
  asMember(
    verb('sign', 'Sign a manifest, as a member or as the operator of a party', {
      description: `Adds your signature to a draft or a manifest that others have signed; read it first with "trias
federation show". All three parties and all data owners must sign. Sign one file in turn, or copies that are put
together with --merge. With --send the complete manifest goes to the three parties, which are bound to it from
then on. Under a later version a party that changes its key signs with both: the new one and the present one.`,
      examples: [
        'trias federation sign federation.json',
        'TRIAS_PASSPHRASE=… trias federation sign federation.json --party-key party-0/party.key.json',
        'trias federation sign federation.json --merge copy-from-nordwind.json --send',
      ],
    })
      .argument('<file>', 'the manifest; the signature is added in place')
      .option('--party-key <file>', 'sign with this key file of a party instead of the member key')
      .option('--merge <file>', 'a copy with signatures of others; may be repeated', collect)
      .option('--send', 'send the complete manifest to the three parties, and keep it as your federation'),
  ).action(async (file: string, options: Options) => {
    const manifests = await import('../../sdk/manifest.ts')
    const { currentFederation, keepFederation, readJson, readKeys, writePublic } = await import(
      '../../sdk/node/home.ts'
    )
    let signed = manifests.signManifest(
      manifests.parseManifest(await readJson(file, 'the manifest'), file),
      await signerOf(options),
    )
    for (const copy of options.merge ?? []) {
      const other = manifests.parseManifest(await readJson(copy, 'the copy'), copy)
      if (!manifests.isSigned(other)) throw new InputError('the copy carries no signature', { where: copy })
      signed = manifests.mergeManifests([signed, other])
    }
    await writePublic(file, `${JSON.stringify(signed)}\n`)
    const state = manifests.stateOfManifest(signed, await currentFederation(homeOf(options)))
    const { digest } = state.federation
    if (options.send === true) {
      const { connect, postSigned } = await import('../../sdk/federation-client.ts')
      const home = homeOf(options)
      const keys = await readKeys(home, await passphraseOf(options))
      await postSigned(connect({ federation: signed, keys }), signed)
      await keepFederation(home, signed)
    }
    const next =
      state.missing.length > 0
        ? `Still to sign: ${state.missing.join(', ')}.`
        : (state.problem ?? (options.send ? 'Sent to all three parties.' : 'Complete. Send it with --send.'))
    print(
      {
        json: { file, digest, signedBy: state.signedBy, missing: state.missing, sent: options.send === true },
        text: `Signed by ${state.signedBy.join(', ')}.\n${next}\nDigest ${digest}`,
      },
      options,
    )
  })

const signerOf = async (options: Options) => {
  const passphrase = await passphraseOf(options)
  if (options.partyKey === undefined) {
    const { readKeys } = await import('../../sdk/node/home.ts')
    const home = homeOf(options)
    const partyKey = join(home, 'party.key.json')
    if (existsSync(partyKey) && !existsSync(join(home, 'key.json')))
      throw new UsageError('this is the directory of a party', `Sign with --party-key ${partyKey}.`)
    const keys = await readKeys(home, passphrase)
    return { kid: keys.kid, secretKey: keys.signing.secretKey }
  }
  const { readPartySigner } = await import('../../sdk/node/party-key-file.ts')
  return readPartySigner(options.partyKey, passphrase ?? '')
}
