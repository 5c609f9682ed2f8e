/** `trias federation revise`: the draft of the version that follows a manifest in force. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors.ts'
import { type CommonOptions, common, print, verb } from '../command.ts'

export const federationRevise = (): Command =>
  common(
    verb('revise', 'Begin the next version of a manifest', {
      description: `Writes a draft that says the same as a signed manifest and names it as the one it follows. Change it with
"trias federation add", or in an editor: members, purposes, policy, endpoints and keys may change, the operators of the
three parties may not. Everyone signs it as the first one; the parties take it when they are drained. Data that was
shared before stays usable as long as its owner keeps its key.`,
      examples: [
        'trias federation revise federation.json federation-2.json',
        'trias federation add federation-2.json new-member/card.json',
      ],
    })
      .argument('<manifest>', 'the signed manifest in force')
      .argument('<draft>', 'where to write the draft'),
  ).action(async (file: string, draftFile: string, options: CommonOptions) => {
    if (existsSync(draftFile))
      throw new InputError('there is a file already', { where: draftFile, hint: 'Choose another name.' })
    const { draftAfter, readSignedManifest } = await import('../../sdk/manifest.ts')
    const { readJson, writePublic } = await import('../../sdk/node/home.ts')
    const draft = draftAfter(readSignedManifest(await readJson(file, 'the manifest'), file))
    await writePublic(draftFile, `${JSON.stringify(draft, null, 2)}\n`)
    print(
      {
        json: { file: draftFile, version: draft.version, previous: draft.previous },
        text: `Draft of version ${draft.version} of "${draft.name}" written to ${draftFile}.`,
      },
      options,
    )
  })
