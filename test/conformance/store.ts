/** What every Store adapter must do; each adapter's test runs this unchanged. */
import { expect, test } from 'vitest'
import { fromUtf8, utf8 } from '../../shared/base/bytes.ts'
import { RECORD_BYTES_MAX, type Store } from '../../shared/port/store.ts'

export const storeConformance = (name: string, open: () => Store): void => {
  test(`${name}: a record is what was put, and null before`, async () => {
    const store = open()
    expect(await store.get('a/1')).toBeNull()
    expect(await store.putIfAbsent('a/1', utf8('one'))).toBeNull()
    expect(fromUtf8((await store.get('a/1'))!.value)).toBe('one')
  })

  test(`${name}: put-if-absent leaves what is there and returns it`, async () => {
    const store = open()
    await store.putIfAbsent('a/1', utf8('one'))
    const there = await store.putIfAbsent('a/1', utf8('two'))
    expect(fromUtf8(there!.value)).toBe('one')
    expect(fromUtf8((await store.get('a/1'))!.value)).toBe('one')
  })

  test(`${name}: of many concurrent puts exactly one wins`, async () => {
    const store = open()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.putIfAbsent('a/race', utf8(String(i)))),
    )
    expect(answers.filter(answer => answer === null)).toHaveLength(1)
  })

  test(`${name}: compare-and-set succeeds once per version`, async () => {
    const store = open()
    await store.putIfAbsent('a/1', utf8('one'))
    const first = (await store.get('a/1'))!
    const second = await store.compareAndSet('a/1', first.version, utf8('two'))
    expect(second).not.toBeNull()
    expect(await store.compareAndSet('a/1', first.version, utf8('three'))).toBeNull()
    expect(fromUtf8((await store.get('a/1'))!.value)).toBe('two')
    expect((await store.get('a/1'))!.version).toBe(second)
    expect(await store.compareAndSet('a/absent', '1', utf8('x'))).toBeNull()
  })

  test(`${name}: a record deleted and written again is another version`, async () => {
    const store = open()
    await store.putIfAbsent('a/1', utf8('one'))
    const old = (await store.get('a/1'))!
    await store.delete('a/1')
    await store.delete('a/1')
    expect(await store.get('a/1')).toBeNull()
    await store.putIfAbsent('a/1', utf8('one'))
    expect(await store.compareAndSet('a/1', old.version, utf8('two'))).toBeNull()
  })

  test(`${name}: list returns the keys of a prefix, sorted, and nothing else`, async () => {
    const store = open()
    for (const key of ['a/2', 'a/1', 'a/10', 'ab/1', 'a/sub/z', 'b/1'])
      await store.putIfAbsent(key, utf8(key))
    expect(await store.list('a/')).toEqual(['a/1', 'a/10', 'a/2', 'a/sub/z'])
    expect(await store.list('a/1')).toEqual(['a/1', 'a/10'])
    expect(await store.list('none/')).toEqual([])
  })

  test(`${name}: a record of the largest size is kept, one byte more is refused`, async () => {
    const store = open()
    const largest = new Uint8Array(RECORD_BYTES_MAX).fill(7)
    await store.putIfAbsent('a/large', largest)
    expect((await store.get('a/large'))!.value).toEqual(largest)
    await expect(store.putIfAbsent('a/larger', new Uint8Array(RECORD_BYTES_MAX + 1))).rejects.toThrow(
      RangeError,
    )
    await expect(store.get('no-partition')).rejects.toThrow(RangeError)
    await expect(store.list('no-partition')).rejects.toThrow(RangeError)
  })

  test(`${name}: what was put does not change with the caller's buffer`, async () => {
    const store = open()
    const buffer = utf8('one')
    await store.putIfAbsent('a/1', buffer)
    buffer.fill(0)
    expect(fromUtf8((await store.get('a/1'))!.value)).toBe('one')
  })
}
