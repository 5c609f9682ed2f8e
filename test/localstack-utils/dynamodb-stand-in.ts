/**
 * LocalStack keeps tables in Amazon's DynamoDB Local, a Java program that it downloads from a server of Amazon's when the
 * first table is made. In its place goes the DynamoDB server that all tests use: a `java` that starts it, in the folder where
 * LocalStack looks for what it has downloaded.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const STAND_IN =
  'tables: LocalStack answers for DynamoDB, over dynoxide in the place of Amazon’s DynamoDB Local, which it would download'

const LIBRARIES = 'var/lib/localstack/lib'

/** `root`: FILESYSTEM_ROOT of LocalStack. `server`: path of the DynamoDB server. */
export const putStandIn = (root: string, server: string): void => {
  const [jar, java] = ['dynamodb-local/2', 'java/21/bin'].map(name => join(root, LIBRARIES, name)) as [
    string,
    string,
  ]
  for (const folder of [jar, java]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(jar, 'DynamoDBLocal.jar'), '')
  const script = [
    '#!/bin/sh',
    'while [ $# -gt 0 ]; do',
    '  [ "$1" = -port ] && port=$2',
    '  shift',
    'done',
    `exec '${server.replaceAll("'", `'\\''`)}' serve --host 127.0.0.1 --port "$port"`,
    '',
  ]
  writeFileSync(join(java, 'java'), script.join('\n'), { mode: 0o755 })
}
