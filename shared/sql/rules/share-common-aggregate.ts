/** An aggregate that is asked for twice is computed and revealed once. */
import { type AggregateCall, show } from '../expression.ts'
import type { Item } from '../query.ts'
import type { Rule } from './rule.ts'

export const shareCommonAggregate: Rule = {
  name: 'share-common-aggregate',
  apply: query => {
    const texts = query.aggregates.map(show)
    const kept = [...new Set(texts)]
    const place = (index: number): number => kept.indexOf(texts[index] as string)
    return {
      ...query,
      aggregates: kept.map(text => query.aggregates[texts.indexOf(text)] as AggregateCall),
      items: query.items.map((item): Item => {
        if (item.kind === 'aggregate') return { ...item, aggregate: place(item.aggregate) }
        return item.kind === 'ratio' ? { ...item, sum: place(item.sum), count: place(item.count) } : item
      }),
    }
  },
}
