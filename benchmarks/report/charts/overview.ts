import type { ScatterSeriesOption } from 'echarts'
import { digits } from '../format.ts'
import { type Check, type CheckedGoal, targetText } from '../goals.ts'
import { type Chart, legend, look, title } from './draw.ts'
import { extent } from './lanes.ts'

const ROW = 40
const TOP = 96
const BOTTOM = 52
const LEFT = 320

/** How many times better than its target a figure is: below 1 it misses. */
export function margin({ figure, ratio, target }: Check): number {
  return figure.better === 'more' ? ratio / target : target / ratio
}

/** Every goal a row, every workload that has it a dot: right of the line it holds. */
export function overview(goals: readonly CheckedGoal[]): Chart | null {
  const rows = goals.filter(({ checks }) => checks.some(check => margin(check) > 0))
  if (rows.length === 0) return null
  const points = rows.flatMap(({ checks }, row) =>
    checks.filter(check => margin(check) > 0).map(check => [margin(check), row] as const),
  )
  const ends = extent([...points.map(([value]) => value), 0.5, 2])
  const series = (name: string, color: string, holds: boolean): ScatterSeriesOption => ({
    name,
    type: 'scatter',
    color,
    symbolSize: 10,
    itemStyle: { opacity: 0.65 },
    data: points.filter(([value]) => value >= 1 === holds).map(point => [...point]),
  })
  const names = rows.map(goal => {
    return `{what|${goal.what}  ${targetText(goal)}}\n{against|${goal.against.replaceAll('`', '')}}`
  })
  return {
    height: TOP + BOTTOM + rows.length * ROW,
    option: {
      title: title(
        'Every target and what was found',
        'Each dot is a workload; logarithmic scale; right of the line its target holds',
      ),
      legend: legend(['holds', 'misses']),
      grid: { left: LEFT, right: 30, top: TOP, bottom: BOTTOM },
      xAxis: {
        type: 'log',
        ...ends,
        name: 'times its target',
        nameLocation: 'middle',
        nameGap: 30,
        nameTextStyle: { color: look.faint },
        axisLabel: { color: look.faint, formatter: (value: number) => `${digits(value)}×` },
        splitLine: { lineStyle: { color: look.grid } },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: names,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: look.line } },
        axisLabel: {
          rich: {
            what: {
              fontSize: 12,
              fontWeight: 600,
              color: look.text,
              lineHeight: 17,
              align: 'right',
            },
            against: { fontSize: 11, color: look.faint, lineHeight: 14, align: 'right' },
          },
        },
        splitLine: { show: true, lineStyle: { color: look.grid } },
      },
      series: [
        {
          ...series('holds', look.sides[0], true),
          markLine: {
            silent: true,
            symbol: 'none',
            data: [{ xAxis: 1 }],
            label: {
              formatter: 'target',
              position: 'start',
              distance: 4,
              color: look.text,
              fontSize: 11,
            },
            lineStyle: { color: look.text, type: 'solid', width: 1 },
          },
        },
        series('misses', look.bad, false),
      ],
    },
  }
}
