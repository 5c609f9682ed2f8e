/** `trias federation add`: puts cards of parties and members into a draft. */
import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors.ts'
import { type CommonOptions, common, print, verb } from '../command.ts'

export const federationAdd = (): Command =>
  common(
    verb('add', 'Put parties and members into a draft by their cards', {
      description: `Adds the cards that "trias keygen" wrote: three parties and any number of members. A card of a party
index or member name that is there already replaces it. A signed manifest cannot be changed any more.`,
      examples: [
        'trias federation add federation.json party-0/party-card.json party-1/party-card.json party-2/party-card.json',
        'trias federation add federation.json nordwind/card.json reporting/card.json',
      ],
    })
      .argument('<file>', 'the draft')
      .argument('<card...>', 'card files'),
  ).action(async (file: string, cards: readonly string[], options: CommonOptions) => {
    const { addCard, isSigned, parseCard, parseManifest } = await import('../../sdk/manifest.ts')
    const { readJson, writePublic } = await import('../../sdk/node/home.ts')
    const manifest = parseManifest(await readJson(file, 'the draft'), file)
    if (isSigned(manifest))
      throw new InputError('the manifest is signed already, so nothing can be added', {
        where: file,
        hint: 'Begin the next version with `trias federation revise`; it is signed anew.',
      })
    let draft = manifest
    const hint =
      'The card of a member is card.json in its state directory, that of a party is party-card.json.'
    for (const card of cards) draft = addCard(draft, parseCard(await readJson(card, 'the card', hint), card))
    await writePublic(file, `${JSON.stringify(draft, null, 2)}\n`)
    const parties = draft.parties.map(({ index, operator }) => `party ${index} ${operator}`)
    const members = draft.members.map(({ name, roles }) => `${name} (${roles.join(', ')})`)
    print(
      {
        json: { file, parties: draft.parties.length, members: draft.members.map(({ name }) => name) },
        text: [`${file} now lists:`, ...[...parties, ...members].map(line => `  ${line}`)].join('\n'),
      },
      options,
    )
  })
