/** `trias party rotate-keys`: new keys of a party, its new card, and the draft of the manifest that puts them in force. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors.ts'
import { homeOf, print, verb } from '../command.ts'
import { asMember, type MemberOptions, passphraseOf } from '../member.ts'
import { UsageError } from '../outcome.ts'
import { fields } from '../style.ts'

interface Options extends MemberOptions {
  readonly card?: string
  readonly draft?: string
}

export const partyRotateKeys = (): Command =>
  asMember(
    verb('rotate-keys', 'Make new keys of a party and the draft of the manifest that lists them', {
      description: `Writes a new key file under the passphrase, a new card, and the draft of the next version of the manifest
with the new keys in it. No file is overwritten, and nothing changes at the party yet. Then all sign the draft, this
party with both keys; all three parties are drained; the manifest is sent; this party is started with the new key
file; and all are resumed. docs/operating/keys.md has the steps one by one.`,
      examples: ['TRIAS_PASSPHRASE=… trias party rotate-keys federation.json --home party-0'],
    })
      .argument('<manifest>', 'the signed manifest in force')
      .option('--card <file>', 'present card of the party (default: party-card.json in the state directory)')
      .option('--draft <file>', 'where to write the draft (default: federation-<version>.json in it)'),
  ).action(async (file: string, options: Options) => {
    const passphrase = await passphraseOf(options)
    if (passphrase === undefined || passphrase === '')
      throw new UsageError(
        'the key file of a party needs a passphrase',
        'Set TRIAS_PASSPHRASE or --passphrase-file.',
      )
    const { addCard, draftAfter, parsePartyCard, readSignedManifest } = await import('../../sdk/manifest.ts')
    const { readJson, writePublic } = await import('../../sdk/node/home.ts')
    const { createPartyKeyFile } = await import('../../sdk/node/party-key-file.ts')
    const home = homeOf(options)
    const draft = draftAfter(readSignedManifest(await readJson(file, 'the manifest'), file))
    const cardFile = options.card ?? join(home, 'party-card.json')
    const present = parsePartyCard(await readJson(cardFile, 'the card of the party'), cardFile)
    const listed = draft.parties[present.index]
    if (listed?.signingKey !== present.signingKey)
      throw new InputError('the manifest lists another key for this party than its card', {
        where: cardFile,
        hint: 'Name the manifest in force, and the card of the party in it.',
      })
    const version = `${draft.version}`
    const files = {
      keyFile: join(home, `party.key.${version}.json`),
      card: join(home, `party-card.${version}.json`),
      draft: options.draft ?? join(home, `federation-${version}.json`),
    }
    const there = Object.values(files).find(path => existsSync(path))
    if (there !== undefined)
      throw new InputError('there is a file already', {
        where: there,
        hint: 'These keys may be in use or in a draft that is being signed; move the file away when they are not.',
      })
    const card = {
      kind: 'party-card' as const,
      ...listed,
      ...(await createPartyKeyFile(files.keyFile, passphrase)),
    }
    await writePublic(files.card, `${JSON.stringify(card, null, 2)}\n`)
    await writePublic(files.draft, `${JSON.stringify(addCard(draft, card), null, 2)}\n`)
    print(
      {
        json: { party: present.index, version: draft.version, ...files },
        text: `${fields([
          ['new key file', files.keyFile],
          ['new card', files.card],
          ['draft', `${files.draft}  version ${version}, for all to sign`],
        ])}
Sign it with both keys:
  trias federation sign ${files.draft} --party-key ${files.keyFile}
  trias federation sign ${files.draft} --party-key <present key file>`,
      },
      options,
    )
  })
