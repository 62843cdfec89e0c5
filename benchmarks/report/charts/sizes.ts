import type { LineSeriesOption } from 'echarts'
import { type FigureResult, holds, median, ratio, type SuiteResult } from '../../harness/result.ts'
import { amount } from '../format.ts'
import { caption, figureOf, type Group, rowName } from '../groups.ts'
import { betterText, type Chart, legend, look, title, WIDTH } from './draw.ts'
import { extent, powerOfTen } from './lanes.ts'

const SIZE = /^(\d+) (B|KiB|MiB)$/
const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2 }
const SIZES_MIN = 3
const COLUMNS = 3
const TOP = 112
const PANEL_HEIGHT = 210
const PANEL_STEP = 290
const LEFT = 62
const GAP = 26

type Point = { readonly panel: string; readonly size: string; readonly figure: FigureResult }

/** Panels with lines over the sizes of messages; null when these are not what varies. */
export function sizes(result: SuiteResult, group: Group, { name }: FigureResult): Chart | null {
  const points = pointsOf(group, name)
  const names = [...new Set(points.map(({ size }) => size))].toSorted((a, b) => bytes(a) - bytes(b))
  const panels = [...new Set(points.map(({ panel }) => panel))]
  const isMatter = panels.every(panel => count(points, panel) >= SIZES_MIN)
  if (!isMatter || panels.length === 0 || points.length < group.workloads.length) return null
  const { unit, better } = points[0]!.figure
  const all = points.flatMap(({ figure }) => Object.values(figure.values).flat())
  // Room for the numbers above the highest line.
  const ends = extent([...all.filter(value => value > 0), Math.max(...all) * 4])
  const columns = Math.min(COLUMNS, panels.length)
  const width = Math.min(420, (WIDTH - LEFT - 20 - (columns - 1) * GAP) / columns)
  const peer = result.sides.find(({ absent }, index) => index > 0 && absent === undefined)
  const compared = peer === undefined ? '' : `; numbers: Sabir ÷ ${peer.title}, red below target`
  const grids = panels.map((_, index) => ({
    left: LEFT + (index % COLUMNS) * (width + GAP),
    top: TOP + Math.floor(index / COLUMNS) * PANEL_STEP,
    width,
    height: PANEL_HEIGHT,
  }))
  return {
    height: TOP + Math.ceil(panels.length / COLUMNS) * PANEL_STEP - PANEL_STEP + PANEL_HEIGHT + 48,
    option: {
      title: [
        title(
          `${result.title}: ${group.name}`,
          `${caption(group, name)}: medians; logarithmic scale; ${betterText[better]}${compared}`,
        ),
        ...panels.map((text, index) => ({
          text,
          left: grids[index]!.left,
          top: grids[index]!.top - 26,
          padding: 0,
          textStyle: { fontSize: 12, fontWeight: 600 as const, color: look.text },
        })),
      ],
      legend: legend(result.sides.filter(side => side.absent === undefined).map(one => one.title)),
      grid: grids,
      xAxis: panels.map((_, index) => ({
        type: 'category' as const,
        gridIndex: index,
        data: names,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: look.line } },
        axisLabel: { color: look.faint, fontSize: 11, interval: 0 },
      })),
      yAxis: panels.map((_, index) => ({
        type: 'log' as const,
        gridIndex: index,
        ...ends,
        axisLabel: {
          show: index % COLUMNS === 0,
          color: look.faint,
          formatter: (value: number) => (powerOfTen(value) ? amount(value, unit) : ''),
        },
        splitLine: { lineStyle: { color: look.grid } },
      })),
      series: panels.flatMap((panel, index) => {
        const own = points.filter(point => point.panel === panel)
        return lines(result, own, names, index, peer?.name)
      }),
    },
  }
}

const count = (points: readonly Point[], panel: string): number =>
  points.filter(point => point.panel === panel).length

function lines(
  { sides }: SuiteResult,
  points: readonly Point[],
  names: readonly string[],
  panel: number,
  peer: string | undefined,
): LineSeriesOption[] {
  return sides.map((side, index) => {
    const color = look.sides[index % look.sides.length]!
    return {
      name: side.title,
      type: 'line',
      xAxisIndex: panel,
      yAxisIndex: panel,
      color,
      symbol: 'circle',
      symbolSize: index === 0 ? 8 : 6,
      lineStyle: { width: index === 0 ? 2.5 : 1.5 },
      z: 10 - index,
      data: names.map(size => {
        const figure = points.find(point => point.size === size)?.figure
        const found = figure?.values[side.name] ?? []
        if (figure === undefined || found.length === 0) return '-'
        const compared = index === 0 && peer !== undefined ? ratio(figure, side.name, peer) : NaN
        const isMissed = peer !== undefined && holds(figure, side.name, peer) === false
        return {
          value: median(found),
          label: {
            show: Number.isFinite(compared),
            position: 'top' as const,
            distance: 7,
            formatter: `${compared.toFixed(compared < 10 ? 2 : 0)}×`,
            color: isMissed ? look.bad : look.text,
            fontSize: 11,
            fontWeight: 600 as const,
            textBorderColor: look.background,
            textBorderWidth: 3,
          },
        }
      }),
    }
  })
}

function pointsOf(group: Group, name: string): Point[] {
  return group.workloads.flatMap(workload => {
    const parts = rowName(group, workload).split(', ')
    const size = parts.find(part => SIZE.test(part))
    const figure = figureOf(workload, name)
    if (size === undefined || figure === undefined) return []
    return [{ panel: parts.filter(part => part !== size).join(', '), size, figure }]
  })
}

function bytes(size: string): number {
  const [, many, unit] = SIZE.exec(size)!
  return Number(many) * UNITS[unit!]!
}
