import type { CustomSeriesOption, CustomSeriesRenderItem } from 'echarts'
import { type FigureResult, median, type SuiteResult } from '../../harness/result.ts'
import { amount } from '../format.ts'
import { caption, figureOf, type Group, rowName } from '../groups.ts'
import { betterText, type Chart, legend, look, title } from './draw.ts'

const LANE = 15
const ROW_GAP = 14
const TOP = 92
const BOTTOM = 44
const CHARACTER = 6.6
const LABELS_MAX = 300
/** From here on short bars could not be told apart. */
const LOG_FROM = 12

/** A row for each workload and a lane in it for each side, its value written behind it. */
export function lanes(result: SuiteResult, group: Group, figure: FigureResult): Chart {
  const sides = result.sides.filter(({ name }) => {
    return group.workloads.some(one => figureOf(one, figure.name)?.values[name] !== undefined)
  })
  const rows = group.workloads.filter(one => figureOf(one, figure.name) !== undefined)
  const names = rows.map(row => rowName(group, row))
  const values = rows.flatMap(row => Object.values(figureOf(row, figure.name)!.values).flat())
  const positive = values.filter(value => value > 0)
  const isLog = Math.max(...positive) / Math.min(...positive) >= LOG_FROM
  const left = Math.min(LABELS_MAX, 28 + CHARACTER * Math.max(...names.map(name => name.length)))
  const height = TOP + BOTTOM + rows.length * (sides.length * LANE + ROW_GAP)
  const better = betterText[figure.better]
  const scale = isLog ? 'logarithmic scale; ' : ''
  return {
    height,
    option: {
      title: title(
        `${result.title}: ${group.name}`,
        `${caption(group, figure.name)}: median, line from least to most; ${scale}${better}`,
      ),
      legend: legend(sides.map(side => side.title)),
      grid: { left, right: 90, top: TOP, bottom: BOTTOM },
      xAxis: {
        type: isLog ? 'log' : 'value',
        ...(isLog ? extent(positive) : { min: 0 }),
        axisLabel: {
          color: look.faint,
          formatter: (value: number) => {
            return isLog && !powerOfTen(value) ? '' : amount(value, figure.unit)
          },
          hideOverlap: true,
        },
        splitLine: { lineStyle: { color: look.grid } },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: names,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: look.line } },
        axisLabel: { color: look.text, fontSize: 12, width: left - 20, overflow: 'truncate' },
      },
      series: sides.map((side, lane): CustomSeriesOption => {
        const points = rows.map((row, index) => {
          const found = figureOf(row, figure.name)!.values[side.name] ?? []
          if (found.length === 0) return [Number.NaN, index, Number.NaN, Number.NaN]
          return [median(found), index, Math.min(...found), Math.max(...found)]
        })
        const color = look.sides[result.sides.indexOf(side) % look.sides.length]!
        return {
          name: side.title,
          type: 'custom',
          color,
          encode: { x: 0, y: 1 },
          clip: false,
          data: points,
          renderItem: mark({ color, lane, lanes: sides.length, isLog, unit: figure.unit }),
        }
      }),
    },
  }
}

type Lane = { color: string; lane: number; lanes: number; isLog: boolean; unit: string }

/** A bar from zero, or a dot where the scale has no zero. */
const mark =
  ({ color, lane, lanes: many, isLog, unit }: Lane): CustomSeriesRenderItem =>
  (parameters, api) => {
    const value = Number(api.value(0))
    if (Number.isNaN(value)) return null
    const row = Number(api.value(1))
    const [x = 0, middle = 0] = api.coord([value, row])
    const y = middle + (lane - (many - 1) / 2) * LANE
    const least = api.coord([api.value(2), row])[0] ?? x
    const most = api.coord([api.value(3), row])[0] ?? x
    const begin = (parameters.coordSys as unknown as { x: number }).x
    const faded = { fill: color, opacity: 0.25 }
    return {
      type: 'group',
      children: [
        isLog
          ? {
              type: 'rect',
              shape: { x: begin, y: y - 0.5, width: x - begin, height: 1 },
              style: faded,
            }
          : {
              type: 'rect',
              shape: { x: begin, y: y - LANE / 2 + 2, width: x - begin, height: LANE - 4, r: 2 },
              style: { fill: color },
            },
        ...(isLog
          ? [{ type: 'circle', shape: { cx: x, cy: y, r: 4.5 }, style: { fill: color } }]
          : []),
        {
          type: 'rect',
          shape: { x: least, y: y - 0.75, width: Math.max(0, most - least), height: 1.5 },
          style: { fill: isLog ? color : look.text, opacity: isLog ? 1 : 0.55 },
        },
        {
          type: 'text',
          style: {
            text: amount(value, unit),
            x: Math.max(x + 4, most) + 6,
            y,
            fill: lane === 0 ? look.text : look.faint,
            font: `${lane === 0 ? '600 ' : ''}11px ${look.font}`,
            verticalAlign: 'middle',
          },
        },
      ],
    } as ReturnType<CustomSeriesRenderItem>
  }

/** Ends of a logarithmic scale: the next 1, 2 or 5 outside of what it shows. */
export function extent(values: readonly number[]): { min: number; max: number } {
  return { min: step(Math.min(...values), [5, 2, 1]), max: step(Math.max(...values), [1, 2, 5]) }
}

function step(value: number, leaders: readonly number[]): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const isUpwards = leaders[0] === 1
  const found = leaders.find(one => (isUpwards ? one * power >= value : one * power <= value))
  return Number(((found ?? 10) * power).toPrecision(1))
}

/** Labels of a logarithmic scale, whose ends are none. */
export const powerOfTen = (value: number): boolean => Number.isInteger(Math.log10(value))
