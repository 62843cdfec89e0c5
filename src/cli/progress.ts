/** Shows how far long work is, on a terminal's stderr only: scripts see nothing of it. */
export interface Progress {
  update(done: number): void
  stop(): void
}

const silent: Progress = { update() {}, stop() {} }

/** `total` 0 means that nobody knows: then only the count is shown. */
export async function openProgress(title: string, total: number): Promise<Progress> {
  if (process.stderr.isTTY !== true) return silent
  const { default: progress } = await import('cli-progress')
  const format =
    total > 0
      ? `${title} {bar} {percentage}%  {value}/{total}  {eta_formatted}`
      : `${title} {value}  {duration_formatted}`
  const bar = new progress.SingleBar(
    { format, clearOnComplete: true, hideCursor: true, stream: process.stderr },
    progress.Presets.shades_classic,
  )
  bar.start(total, 0)
  return { update: done => bar.update(done), stop: () => bar.stop() }
}
