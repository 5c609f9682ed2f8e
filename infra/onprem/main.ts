/**
 * Renders the party on the operator's own machines into onprem.out, offline: `npm run synth:onprem -- --party 2 --country FI`.
 * Ends with an error when our locality rules find anything in what was rendered. With `--context` it also fills the folder
 * that the image is built from.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseAllDocuments, stringify } from 'yaml'
import { InputError } from '../../shared/base/errors.ts'
import { checkOnprem } from '../locality/onprem.ts'
import { fillContext } from './image.ts'
import { type RenderedFile, renderParty } from './render.ts'
import { readSettings, SETTINGS } from './settings.ts'

const root = resolve(import.meta.dirname, '../..')
const outdir = resolve(root, process.env.TRIAS_ONPREM_OUTDIR ?? 'onprem.out')

const settingsOfArguments = (): Record<string, unknown> => {
  try {
    return parseArgs({
      options: {
        ...Object.fromEntries(SETTINGS.map(name => [name, { type: 'string' as const }])),
        context: { type: 'boolean' as const },
      },
    }).values
  } catch (cause) {
    throw new InputError((cause as Error).message, {
      where: 'command line',
      hint: `There are ${[...SETTINGS, 'context'].map(name => `--${name}`).join(', ')}.`,
      cause,
    })
  }
}

const textOf = ({ content }: RenderedFile): string =>
  typeof content === 'string'
    ? content
    : content.map(document => stringify(document, { lineWidth: 0 })).join('---\n')

/** Over the text that is written, read again, since that is what will be deployed. */
const check = (name: string, text: string, country: string): void => {
  if (!name.endsWith('.yaml')) return
  const documents = parseAllDocuments(text)
  if ('empty' in documents) throw new Error(`${name} was rendered empty`)
  const findings = checkOnprem(
    documents.map(one => one.toJS() as unknown),
    { countries: [country] },
    name,
  )
  if (findings.length > 0)
    throw new InputError(`${name} breaks the rules of locality`, {
      hint: findings
        .map(
          ({ rule, resource, expected, found }) =>
            `${rule} ${resource}: expected ${expected}, found ${found}`,
        )
        .join('\n  '),
    })
}

const synthesize = async (): Promise<void> => {
  const { context, ...own } = settingsOfArguments()
  const props = readSettings(own)
  const files = renderParty(props).map(file => ({ name: file.name, text: textOf(file) }))
  for (const { name, text } of files) check(name, text, props.country)
  // Secrets are the operator's, perhaps in this very folder; only what is rendered is replaced.
  rmSync(join(outdir, 'image'), { recursive: true, force: true })
  for (const { name, text } of files) {
    mkdirSync(dirname(join(outdir, name)), { recursive: true })
    writeFileSync(join(outdir, name), text)
  }
  if (context === true) await fillContext(join(outdir, 'image'), root)
  console.log(`trias-party-${props.party} in ${props.country}: ${files.map(({ name }) => name).join(', ')}`)
}

try {
  await synthesize()
} catch (error) {
  if (!(error instanceof InputError)) throw error
  console.error([error.message, error.where, error.hint].filter(Boolean).join('\n  '))
  process.exitCode = 1
}
