import { expect, test } from 'vitest'
import { canonicalJson, type Json } from '../../shared/base/canonical.ts'
import { digestOf } from '../../shared/crypto/hash.ts'

test('RFC 8785, section 3.2.2: numbers, strings and literals', () => {
  const sample = JSON.parse(`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`) as Json
  expect(canonicalJson(sample)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('RFC 8785, section 3.2.3: names are sorted by UTF-16 code units', () => {
  const sample = {
    '€': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    ö: 'Latin Small Letter O With Diaeresis',
  }
  expect(Object.values(JSON.parse(canonicalJson(sample)) as object)).toEqual([
    'One', // JSON.parse puts integer-like names first; the text itself is checked below.
    'Carriage Return',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
  expect(canonicalJson(sample).startsWith('{"\\r":"Carriage Return","1":"One","\u0080":')).toBe(true)
})

test('a digest depends on the value, not on the order in which it was written', () => {
  expect(digestOf({ a: 1, b: [2, 3] })).toBe(digestOf({ b: [2, 3], a: 1 }))
  expect(digestOf({ a: 1, b: [2, 3] })).not.toBe(digestOf({ a: 1, b: [3, 2] }))
  expect(digestOf({})).toBe('RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o')
})

test('what JSON cannot say has no canonical text', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => canonicalJson({ value })).toThrow()
  expect(() => canonicalJson(undefined as unknown as Json)).toThrow(TypeError)
})
