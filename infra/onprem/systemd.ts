/** One machine without containers: a unit that sees nothing but its own folder, and calls nobody but the peers. */
import { partyEnvironment } from './party-config.ts'
import { nameOf, type PartyProps } from './props.ts'

export const unitFile = (props: PartyProps): string => {
  const name = nameOf(props)
  return `[Unit]
Description=Party ${props.party} of a Trias federation
After=network-online.target
Wants=network-online.target

[Service]
User=${name}
Group=${name}
ExecStart=/opt/trias/usr/bin/node /opt/trias/app/main.mjs /etc/${name}/party.conf
${Object.entries(partyEnvironment(props))
  .map(([key, value]) => `Environment=${key}=${value}\n`)
  .join('')}StateDirectory=${name}
StateDirectoryMode=0700
UMask=0077
Restart=on-failure
RestartSec=2
TimeoutStopSec=10

# The peers and this machine; names are resolved by systemd-resolved on the loopback.
IPAddressDeny=any
IPAddressAllow=localhost
${props.peers.map(range => `IPAddressAllow=${range}\n`).join('')}RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute is not here: Node compiles while it runs.
LimitCORE=0

[Install]
WantedBy=multi-user.target
`
}

export const unitDatabase = (props: PartyProps) => ({
  kind: 'sqlite',
  dataDir: `/var/lib/${nameOf(props)}`,
})
