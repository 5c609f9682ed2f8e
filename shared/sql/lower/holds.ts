/**
 * What every node has to hold, and in which domains: exactly what the nodes behind it need. So a column that nobody needs
 * is never moved, and a conversion happens once, where the column is made.
 */
import type { Column } from '../../data/schema.ts'
import { methodOf, type Scope, scopeOf } from '../compare.ts'
import { type Expression, type Predicate, walk } from '../expression.ts'
import type { GroupSlot, HeldColumn, Indicator, IndicatorAtom, TableNode } from '../plan.ts'
import type { DraftNode } from './source.ts'

export interface Forms {
  bits?: boolean
  field?: boolean
  indicator?: boolean
}
export type Needs = Map<string, Forms>

const BITS: Forms = { bits: true }
const FIELD: Forms = { field: true, indicator: true }

export const need = (needs: Needs, name: string, forms: Forms = {}): void => {
  needs.set(name, { ...needs.get(name), ...forms })
}

/** For the value of an expression in F_p, and whether it is NULL. */
const needValue = (needs: Needs, of: Expression, scope: Scope): void => {
  if (of.kind === 'column') need(needs, of.column, FIELD)
  else if (of.kind === 'case') {
    for (const { when, value } of of.branches) {
      needPredicate(needs, when, scope)
      needValue(needs, value, scope)
    }
    needValue(needs, of.otherwise, scope)
  } else
    for (const part of walk(of).slice(1))
      if (part.kind === 'column' || part.kind === 'case') needValue(needs, part, scope)
}

export const needPredicate = (needs: Needs, of: Predicate, scope: Scope): void => {
  switch (of.kind) {
    case 'literal':
      return
    case 'compare': {
      const sides = [of.left, of.right]
      if (methodOf(of, scope) === 'difference') for (const side of sides) needValue(needs, side, scope)
      else for (const side of sides) if (side.kind === 'column') need(needs, side.column, BITS)
      return
    }
    case 'similar':
      for (const side of [of.left, of.right]) if (side.kind === 'column') need(needs, side.column, BITS)
      return
    case 'in':
    case 'truth':
      if (of.of.kind === 'column') need(needs, of.of.column, BITS)
      return
    case 'between':
      for (const side of [of.of, of.low, of.high]) needValue(needs, side, scope)
      return
    case 'is-null':
      for (const part of walk(of.of)) {
        if (part.kind === 'column') need(needs, part.column)
        if (part.kind === 'case') for (const { when } of part.branches) needPredicate(needs, when, scope)
      }
      return
    case 'is':
    case 'not':
      needPredicate(needs, of.of, scope)
      return
    case 'and':
    case 'or':
      for (const part of of.of) needPredicate(needs, part, scope)
      return
  }
}

const needIndicator = (needs: Needs, of: Indicator, scope: Scope): void => {
  if (of.kind === 'never') return
  for (const atom of of.of) needAtom(needs, atom, scope)
}
const needAtom = (needs: Needs, of: IndicatorAtom, scope: Scope): void => {
  switch (of.kind) {
    case 'not-null':
      need(needs, of.column, { indicator: true })
      return
    case 'case':
      for (const { when, value } of of.branches) {
        needPredicate(needs, when, scope)
        needIndicator(needs, value, scope)
      }
      needIndicator(needs, of.otherwise, scope)
      return
    case 'either':
      needIndicator(needs, of.left, scope)
      needIndicator(needs, of.right, scope)
      return
  }
}

export const needSlot = (needs: Needs, { total }: GroupSlot, scope: Scope): void => {
  switch (total.kind) {
    case 'rows':
      return
    case 'value':
      needValue(needs, total.of, scope)
      return
    case 'indicator':
      needIndicator(needs, total.of, scope)
      return
    case 'distinct':
      need(needs, total.of, BITS)
      return
    default:
      need(needs, total.of, { ...BITS, ...FIELD })
      return
  }
}

const heldOf = (columns: readonly Column[], needs: Needs): readonly HeldColumn[] =>
  columns.flatMap((column): HeldColumn[] => {
    const forms = needs.get(column.name)
    if (forms === undefined) return []
    const { bits = false, field = false, indicator = false } = forms
    return [{ column, bits, field, indicator: column.nullable && indicator }]
  })

/** `last` is what the end of the plan needs of the last node. */
export const nodesOf = (drafts: readonly DraftNode[], last: Needs): readonly TableNode[] => {
  const wanted = new Map<string, Needs>(drafts.map(({ name }) => [name, new Map()]))
  const columns = new Map(drafts.map(draft => [draft.name, draft.columns]))
  const of = (name: string): Needs => wanted.get(name) as Needs
  const scopeAt = (name: string): Scope => scopeOf(columns.get(name) ?? [])
  const has = (name: string, column: string): boolean =>
    columns.get(name)?.some(one => one.name === column) === true
  const end = drafts.at(-1)
  if (end !== undefined) for (const [name, forms] of last) need(of(end.name), name, forms)

  return drafts
    .toReversed()
    .map((draft): TableNode => {
      const mine = of(draft.name)
      const { columns: given, ...node } = draft
      const pass = (input: string, rename: (name: string) => string | undefined = name => name): void => {
        for (const [name, forms] of mine) {
          const inside = rename(name)
          if (inside !== undefined && has(input, inside)) need(of(input), inside, forms)
        }
      }
      const place = (name: string): number => given.findIndex(column => column.name === name)
      switch (draft.operator) {
        case 'read':
          break
        case 'rename':
          pass(draft.input, name => draft.from[place(name)])
          break
        case 'select':
          pass(draft.input)
          needPredicate(of(draft.input), draft.predicate, scopeAt(draft.input))
          break
        case 'derive': {
          const own = new Map(draft.computed.map(one => [one.name, one.of]))
          pass(draft.input, name => (own.has(name) ? undefined : name))
          for (const [name, value] of own)
            if (mine.has(name)) needValue(of(draft.input), value, scopeAt(draft.input))
          break
        }
        case 'union':
          draft.inputs.forEach((input, i) => {
            pass(input, name => draft.from[i]?.[place(name)])
          })
          break
        case 'join':
          pass(draft.left)
          if (draft.join === 'inner' || draft.join === 'left') pass(draft.right)
          for (const { left, right } of draft.on) {
            need(of(draft.left), left, BITS)
            need(of(draft.right), right, BITS)
          }
          break
        case 'attach':
          pass(draft.input)
          pass(draft.single)
          break
        case 'collect':
          pass(draft.input, name => (draft.keys.includes(name) ? name : undefined))
          for (const key of draft.keys) {
            need(of(draft.input), key, BITS)
            need(mine, key)
          }
          for (const slot of draft.slots) {
            needSlot(of(draft.input), slot, scopeAt(draft.input))
            need(mine, slot.name, FIELD)
          }
          break
        case 'nullify':
          pass(draft.input)
          for (const { count } of draft.nulls) need(of(draft.input), count, FIELD)
          break
        case 'window': {
          const made = new Set(draft.functions.map(({ name }) => name))
          pass(draft.input, name => (made.has(name) ? undefined : name))
          for (const name of [...draft.partition, ...draft.order.map(by => by.column)])
            need(of(draft.input), name, BITS)
          for (const one of draft.functions) {
            if (one.kind === 'lag') need(of(draft.input), one.of, mine.get(one.name) ?? {})
            else if (one.kind !== 'row-number') need(of(draft.input), one.of, FIELD)
          }
          break
        }
        case 'top':
          pass(draft.input)
          for (const by of draft.order) need(of(draft.input), by.column, BITS)
          break
      }
      const holds = heldOf(given, mine)
      // Places of `from` are those of `holds`.
      const places = holds.map(({ column }) => place(column.name))
      const from =
        draft.operator === 'read' || draft.operator === 'rename'
          ? { from: places.map(at => draft.from[at]) }
          : draft.operator === 'union'
            ? { from: draft.from.map(names => places.map(at => names[at])) }
            : {}
      return { ...node, ...from, holds } as TableNode
    })
    .toReversed()
}
