/**
 * The image: Node, the shared libraries that it loads, and the bundle. No shell, no package manager, nothing to install.
 * The folder it copies is made by image.ts.
 */
import { ADMIN_PORT, PARTY_UID } from './props.ts'

const HEALTH = `fetch('http://127.0.0.1:${ADMIN_PORT}/healthz').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`

export const dockerfile =
  (): string => `# An image by its digest, for whoever has to begin with one of their own.
ARG BASE=scratch
FROM \${BASE}
COPY root/ /
USER ${PARTY_UID}:${PARTY_UID}
WORKDIR /app
ENV NODE_ENV=production
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ${JSON.stringify(['/usr/bin/node', '-e', HEALTH])}
ENTRYPOINT ["/usr/bin/node", "/app/main.mjs"]
CMD ["/etc/trias/party.json"]
`
