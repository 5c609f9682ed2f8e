/** What is deployed into LocalStack of the synthesized template: all that it can, and nothing that refers to what is missing. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { synthesized } from '../infra/aws/synthesized.ts'
import {
  environmentOutput,
  fitTemplate,
  functionsIn,
  readEnvironment,
  referencesIn,
  type Template,
} from './template.ts'

const template = synthesized().template.toJSON() as Template
const { template: fitted, leftOut } = fitTemplate(template)

test('nothing refers to what was left out, and everything else is unchanged', () => {
  const there = Object.keys(fitted.Resources)
  const dangling = referencesIn([fitted.Resources, fitted.Outputs]).filter(
    name => !there.includes(name) && !name.startsWith('AWS::'),
  )
  expect(dangling).toEqual([])
  for (const id of there) expect(fitted.Resources[id]).toEqual(template.Resources[id])
  expect([...there, ...leftOut.map(({ id }) => id)].sort()).toEqual(Object.keys(template.Resources).sort())
  expect(Object.keys(fitted.Outputs ?? {})).not.toContain('Endpoint')
})

test('everything that holds or protects data stays', () => {
  const types = new Set(leftOut.map(({ type }) => type))
  for (const service of ['DynamoDB', 'SQS', 'KMS', 'SecretsManager', 'IAM', 'SNS'])
    expect([...types].filter(type => type.startsWith(`AWS::${service}::`))).toEqual([])
})

test('the environment of each function stands in an output, variable by variable', () => {
  const functions = functionsIn(template)
  expect(Object.keys(functions).sort()).toEqual(['http', 'timer', 'worker'])
  for (const [name, properties] of Object.entries(functions)) {
    const { Variables } = properties.Environment as { Variables: Record<string, unknown> }
    const join = fitted.Outputs?.[environmentOutput(name)]?.Value as {
      'Fn::Join': [string, { 'Fn::Join': [string, [string, unknown]] }[]]
    }
    expect(join['Fn::Join'][0]).toBe('\n')
    expect(Object.fromEntries(join['Fn::Join'][1].map(line => line['Fn::Join'][1]))).toEqual(Variables)
  }
})

test('an environment is read back as it was, whatever is in its values', () => {
  const name = fc.stringMatching(/^[A-Z_]{1,20}$/)
  const value = fc.string().filter(text => !text.includes('\n'))
  fc.assert(
    fc.property(fc.dictionary(name, value, { minKeys: 1 }), environment => {
      const text = Object.entries(environment).map(([one, its]) => `${one}=${its}`)
      expect(readEnvironment(text.join('\n'))).toEqual({ ...environment })
    }),
  )
})

test('references are found in every form that CloudFormation has', () => {
  expect(referencesIn({ Ref: 'A' })).toEqual(['A'])
  expect(referencesIn([{ 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::GetAtt': 'C.Arn' }])).toEqual(['B', 'C'])
  expect(referencesIn({ DependsOn: 'D', Properties: { x: [{ DependsOn: ['E', 'F'] }] } })).toEqual([
    'D',
    'E',
    'F',
  ])
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation puts values there
  expect(referencesIn({ 'Fn::Sub': '${G}-${H.Arn}-${!Literal}-${AWS::Region}' })).toEqual([
    'G',
    'H',
    'AWS::Region',
  ])
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation puts values there
  expect(referencesIn({ 'Fn::Sub': ['${own}-${I}', { own: { Ref: 'J' } }] })).toEqual(['I', 'J'])
  expect(referencesIn({ 'Fn::Join': ['', ['text', { Ref: 'K' }]] })).toEqual(['K'])
})

test('what refers to something that was left out goes as well, however far away', () => {
  const { leftOut: gone, template: left } = fitTemplate({
    Resources: {
      Far: { Type: 'AWS::SNS::Topic', Properties: { x: { Ref: 'Near' } } },
      Near: { Type: 'AWS::SNS::Topic', Properties: { x: { 'Fn::GetAtt': ['Code', 'Arn'] } } },
      Code: { Type: 'AWS::Lambda::Function', Properties: { Handler: 'http.handler' } },
      Stays: { Type: 'AWS::SNS::Topic' },
    },
  })
  expect(Object.keys(left.Resources)).toEqual(['Stays'])
  expect(gone.map(({ id }) => id).sort()).toEqual(['Code', 'Far', 'Near'])
})
