/** All files of a party on-premises, by their names in onprem.out; a list is the documents of one YAML file. */
import { COMPOSE_DATABASE, composeFile } from './compose.ts'
import { dockerfile } from './dockerfile.ts'
import { manifests } from './kubernetes.ts'
import { partyConfig } from './party-config.ts'
import { nameOf, type PartyProps } from './props.ts'
import { unitDatabase, unitFile } from './systemd.ts'

export interface RenderedFile {
  readonly name: string
  readonly content: string | readonly unknown[]
}

export const renderParty = (props: PartyProps): readonly RenderedFile[] => [
  { name: 'compose.yaml', content: [composeFile(props)] },
  {
    name: 'party.conf',
    content: partyConfig(props, {
      host: '0.0.0.0',
      adminHost: '127.0.0.1',
      secrets: '/run/secrets',
      database: COMPOSE_DATABASE,
    }),
  },
  { name: 'kubernetes.yaml', content: manifests(props) },
  { name: `systemd/${nameOf(props)}.service`, content: unitFile(props) },
  {
    name: 'systemd/party.conf',
    content: partyConfig(props, {
      host: '127.0.0.1',
      adminHost: '127.0.0.1',
      secrets: `/etc/${nameOf(props)}`,
      database: unitDatabase(props),
    }),
  },
  { name: 'image/Dockerfile', content: dockerfile() },
]
