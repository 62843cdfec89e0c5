import {
  type EChartsOption,
  init,
  type LegendComponentOption,
  type TitleComponentOption,
} from 'echarts'

/** A card of its own colour, so that it reads the same on a light page and on a dark one. */
export const look = {
  background: '#ffffff',
  text: '#1f2328',
  faint: '#656d76',
  line: '#d8dee4',
  grid: '#eef1f4',
  good: '#1a7f37',
  bad: '#cf222e',
  /** Ours first, then peers in their order; told apart in all common kinds of colour blindness. */
  sides: ['#0550ae', '#d4721a', '#7d8590', '#1b7c83', '#8250df'],
  font: 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif',
} as const

export const WIDTH = 880

export type Chart = { readonly height: number; readonly option: EChartsOption }

/** The same text for the same chart, whatever was drawn before it. */
export function draw({ height, option }: Chart): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption({
    animation: false,
    backgroundColor: look.background,
    textStyle: { fontFamily: look.font, color: look.text },
    ...option,
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  const text = svg
    // What a pointer over it would change; and its names count through all charts of a process.
    .replaceAll(/<style[^]*?<\/style>\s*| class="[^"]*"/g, '')
    .replaceAll(/\bzr\d+-/g, '')
  return `${text.trim()}\n`
}

export const title = (text: string, below: string): TitleComponentOption => ({
  text,
  subtext: below,
  left: 16,
  top: 12,
  itemGap: 6,
  textStyle: { fontSize: 16, fontWeight: 600, color: look.text },
  subtextStyle: { fontSize: 12, color: look.faint },
})

export const legend = (names: readonly string[]): LegendComponentOption => ({
  data: [...names],
  left: 16,
  top: 58,
  itemWidth: 12,
  itemHeight: 12,
  itemGap: 18,
  icon: 'circle',
  selectedMode: false,
  textStyle: { fontSize: 12, color: look.text },
})

export const betterText = { more: 'more is better', less: 'less is better' } as const
