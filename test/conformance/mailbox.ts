/** What every Mailbox adapter must do; each adapter's test runs this unchanged. */
import { expect, test } from 'vitest'
import { equalBytes, utf8 } from '../../shared/base/bytes.ts'
import type { Inbox, Mail, Mailbox } from '../../shared/port/mailbox.ts'

const collect = async (inbox: Inbox, count: number): Promise<string[]> => {
  const ids = new Set<string>()
  for (let tries = 0; ids.size < count && tries < 50; tries++)
    for (const mail of await inbox.receive(200)) ids.add(mail.id)
  return [...ids].sort()
}

/** What the first receive returns that returns anything: a queue over a network takes its time. */
const firstOf = async (inbox: Inbox): Promise<readonly Mail[]> => {
  for (let tries = 0; tries < 50; tries++) {
    const mails = await inbox.receive(200)
    if (mails.length > 0) return mails
  }
  return []
}

export const mailboxConformance = (name: string, open: () => Mailbox): void => {
  test(`${name}: an inbox sees what came before and after it was opened`, async () => {
    const mailbox = open()
    await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('A') })
    const inbox = mailbox.open('run')
    await mailbox.deliver('run', { id: 'b', round: 1, body: utf8('B') })
    expect(await collect(inbox, 2)).toEqual(['a', 'b'])
    await inbox.close()
  })

  test(`${name}: a second inbox sees everything again`, async () => {
    const mailbox = open()
    await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('A') })
    const first = mailbox.open('run')
    await collect(first, 1)
    await first.close()
    const second = mailbox.open('run')
    expect((await firstOf(second)).map(mail => [mail.id, mail.body])).toEqual([['a', utf8('A')]])
    await second.close()
  })

  test(`${name}: a repeated delivery is one message`, async () => {
    const mailbox = open()
    const inbox = mailbox.open('run')
    for (let i = 0; i < 3; i++) await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('A') })
    expect(await collect(inbox, 1)).toEqual(['a'])
    expect(await inbox.receive(20)).toEqual([])
    await inbox.close()
  })

  test(`${name}: runs do not see each other's messages`, async () => {
    const mailbox = open()
    await mailbox.deliver('one', { id: 'a', round: 0, body: utf8('A') })
    const inbox = mailbox.open('two')
    expect(await inbox.receive(20)).toEqual([])
    await inbox.close()
  })

  test(`${name}: waiting ends with a delivery, with a wake, and with time`, async () => {
    const mailbox = open()
    const inbox = mailbox.open('run')
    const waiting = inbox.receive(10_000)
    await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('A') })
    expect((await waiting).map(mail => mail.id)).toEqual(['a'])
    const woken = inbox.receive(10_000)
    inbox.wake()
    expect(await woken).toEqual([])
    expect(await inbox.receive(10)).toEqual([])
    await inbox.close()
  })

  test(`${name}: settled messages are gone`, async () => {
    const mailbox = open()
    await mailbox.deliver('run', { id: 'a', round: 0, body: utf8('A') })
    await mailbox.settle('run')
    const inbox = mailbox.open('run')
    expect(await inbox.receive(20)).toEqual([])
    await inbox.close()
  })

  test(`${name}: a round is settled with all before it, and nothing after it`, async () => {
    const mailbox = open()
    for (const round of [0, 1, 2]) await mailbox.deliver('run', { id: `${round}`, round, body: utf8('A') })
    await mailbox.settle('run', 2)
    const inbox = mailbox.open('run')
    expect(await collect(inbox, 1)).toEqual(['2'])
    await inbox.close()
  })

  test(`${name}: a message of 4 MiB arrives whole`, async () => {
    const mailbox = open()
    const body = new Uint8Array(4 << 20).map((_, i) => i * 31)
    await mailbox.deliver('run', { id: 'large', round: 0, body })
    const inbox = mailbox.open('run')
    const [whole] = await firstOf(inbox)
    expect(equalBytes(whole!.body, body)).toBe(true)
    await inbox.close()
  })
}
