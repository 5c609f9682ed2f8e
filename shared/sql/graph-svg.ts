/**
 * A graph of a plan as SVG, drawn in layers: every box stands above all that read it, as near to them as may be, and beside
 * its siblings in the order in which the plan names them. The same graph gives the same bytes. Names come from others, so
 * everything is escaped, and nothing in the picture runs or loads anything.
 */
import type { Box, PlanGraph } from './plan-graph.ts'

/** In pixels; the text is set in a font whose letters are this wide on average. */
const LETTER = 6.6
const LINE = 16
const PADDING = 10
const BOX = 330
const GAP_X = 28
const GAP_Y = 34
const MARGIN = 24
const LETTERS_IN_BOX = Math.floor((BOX - 2 * PADDING) / LETTER)

const LOOK: Readonly<
  Record<Box['kind'], { readonly fill: string; readonly line: string; readonly says: string }>
> = {
  table: { fill: '#e3edf9', line: '#2f5f9e', says: 'data of their owners' },
  step: { fill: '#ffffff', line: '#767676', says: 'secret: on shares only' },
  opens: { fill: '#fdf0cf', line: '#a06a00', says: 'the parties learn one bit' },
  discloses: { fill: '#fbdcd6', line: '#b3261e', says: 'disclosed' },
  recipient: { fill: '#dff2e1', line: '#2e7d32', says: 'what the recipient learns' },
}

const CONTROL = /[\p{Cc}\p{Bidi_Control}]/gu

const escaped = (text: string): string =>
  text
    .replaceAll(CONTROL, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/** Words in lines of at most so many letters; longer words are cut. */
const wrap = (text: string, letters: number): readonly string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text
    .split(' ')
    .flatMap(long => long.match(new RegExp(`.{1,${letters}}`, 'gsu')) ?? [''])) {
    if (line !== '' && line.length + 1 + word.length > letters) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

interface Placed {
  readonly box: Box
  readonly lines: readonly string[]
  readonly layer: number
  /** Of its middle, in boxes. */
  readonly column: number
  readonly height: number
}

/** Steps between a box and the last one, on the longest way. */
const layersOf = (boxes: readonly Box[]): ReadonlyMap<string, number> => {
  const layers = new Map(boxes.map(({ id }) => [id, 0]))
  for (const { id, inputs } of boxes.toReversed())
    for (const input of inputs)
      layers.set(input, Math.max(layers.get(input) ?? 0, (layers.get(id) as number) + 1))
  return layers
}

/** Leaves side by side in the order of the plan, everything else in the middle of what it reads. */
const columnsOf = (
  boxes: readonly Box[],
  layers: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> => {
  const known = new Map(boxes.map(box => [box.id, box]))
  const columns = new Map<string, number>()
  let leaves = 0
  const place = (id: string): number => {
    const there = columns.get(id)
    if (there !== undefined) return there
    const inputs = known.get(id)?.inputs ?? []
    const over = inputs.map(place)
    const column = over.length === 0 ? leaves++ : (Math.min(...over) + Math.max(...over)) / 2
    columns.set(id, column)
    return column
  }
  for (const { id } of boxes.toReversed()) place(id)
  // A box that several read may have pulled two of one layer together.
  const inLayers = Map.groupBy(boxes, ({ id }) => layers.get(id) as number)
  for (const layer of inLayers.values()) {
    const sorted = layer.toSorted((a, b) => (columns.get(a.id) as number) - (columns.get(b.id) as number))
    for (const [i, { id }] of sorted.entries()) {
      const left = sorted[i - 1]
      if (left !== undefined)
        columns.set(id, Math.max(columns.get(id) as number, (columns.get(left.id) as number) + 1))
    }
  }
  return columns
}

const placeBoxes = (boxes: readonly Box[]): readonly Placed[] => {
  const layers = layersOf(boxes)
  const columns = columnsOf(boxes, layers)
  return boxes.map(box => {
    const lines = box.lines.flatMap(line => wrap(line, LETTERS_IN_BOX))
    return {
      box,
      lines,
      layer: layers.get(box.id) as number,
      column: columns.get(box.id) as number,
      height: 2 * PADDING + LINE * (1 + lines.length),
    }
  })
}

const text = (x: number, y: number, of: string, attributes = ''): string =>
  `<text x="${x}" y="${y}"${attributes}>${escaped(of)}</text>`

export const graphSvg = ({ title, subtitle, boxes, notes }: PlanGraph): string => {
  const placed = placeBoxes(boxes)
  const columns = Math.max(2, ...placed.map(({ column }) => column + 1))
  const width = Math.ceil(2 * MARGIN + columns * BOX + (columns - 1) * GAP_X)
  // A chain of boxes stands in the middle.
  const inset = (columns - Math.max(...placed.map(({ column }) => column + 1))) / 2
  const leftOf = ({ column }: Placed): number => Math.round(MARGIN + (column + inset) * (BOX + GAP_X))
  const letters = Math.floor((width - 2 * MARGIN) / LETTER)

  const head = [...wrap(title, Math.floor(letters / 1.25)), ...wrap(subtitle, letters)]
  const titleLines = wrap(title, Math.floor(letters / 1.25)).length
  const legend = Object.values(LOOK)
  const topOfBoxes = MARGIN + LINE * (head.length + 1.5) + GAP_Y
  const layers = Math.max(...placed.map(({ layer }) => layer))
  const tops = new Map<number, number>()
  let y = topOfBoxes
  for (let layer = layers; layer >= 0; layer--) {
    tops.set(layer, y)
    y += Math.max(...placed.filter(one => one.layer === layer).map(({ height }) => height)) + GAP_Y
  }
  const topOf = ({ layer }: Placed): number => tops.get(layer) as number
  const byId = new Map(placed.map(one => [one.box.id, one]))
  const noteLines = notes.flatMap(note => wrap(note, letters))
  const height = Math.ceil(y + LINE * noteLines.length + MARGIN)

  const arrows = placed.flatMap(to =>
    to.box.inputs.map(input => {
      const from = byId.get(input) as Placed
      const [x1, y1] = [leftOf(from) + BOX / 2, topOf(from) + from.height]
      const [x2, y2] = [leftOf(to) + BOX / 2, topOf(to)]
      const bend = Math.round((y2 - y1) / 2)
      return `<path class="arrow" d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2 - 2}"/>`
    }),
  )
  const drawn = placed.map(one => {
    const { fill, line } = LOOK[one.box.kind]
    const [left, top] = [leftOf(one), topOf(one)]
    return [
      `<g><title>${escaped(`${one.box.title}: ${LOOK[one.box.kind].says}`)}</title>`,
      `<rect x="${left}" y="${top}" width="${BOX}" height="${one.height}" rx="6" fill="${fill}" stroke="${line}" stroke-width="${one.box.kind === 'step' ? 1 : 2}"/>`,
      text(left + PADDING, top + PADDING + 12, one.box.title, ' class="name"'),
      ...one.lines.map((content, i) => text(left + PADDING, top + PADDING + 12 + LINE * (i + 1), content)),
      '</g>',
    ].join('\n')
  })
  let legendX = MARGIN
  const legendY = MARGIN + LINE * (head.length + 0.5)
  const legendDrawn = legend.flatMap(({ fill, line, says }) => {
    const x = legendX
    legendX += 20 + Math.ceil(says.length * LETTER) + 22
    return [
      `<rect x="${x}" y="${legendY}" width="14" height="14" rx="3" fill="${fill}" stroke="${line}"/>`,
      text(x + 20, legendY + 12, says),
    ]
  })
  const fullWidth = Math.max(width, legendX)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${fullWidth}" height="${height}" viewBox="0 0 ${fullWidth} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    '<style>text{font:12px "DejaVu Sans",Verdana,Arial,sans-serif;fill:#1a1a1a}.head{font-size:15px;font-weight:bold}.name{font-weight:bold}.arrow{fill:none;stroke:#555;stroke-width:1.5;marker-end:url(#tip)}</style>',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
    `<rect width="${fullWidth}" height="${height}" fill="#ffffff"/>`,
    ...head.map((content, i) =>
      text(MARGIN, MARGIN + LINE * (i + 0.5), content, i < titleLines ? ' class="head"' : ''),
    ),
    ...legendDrawn,
    ...arrows,
    ...drawn,
    ...noteLines.map((content, i) => text(MARGIN, y + LINE * (i + 0.5), content)),
    '</svg>',
    '',
  ].join('\n')
}
