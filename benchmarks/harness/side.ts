/** A broker as its users run it: started for a measurement, alone on the machine, then ended. */
export type Side = {
  /** Unique among all sides; names its column in results. */
  readonly name: string
  readonly title: string
  /** What has happened when it acknowledges, in words for the table. */
  readonly durability: string
  /** Installs what is absent; tells the version. Called once in a run. */
  prepare(): Promise<string>
  /** How to run it on a loopback port with a folder for all that it writes. */
  command(port: number, folder: string): Promise<SideCommand>
}

export type SideCommand = {
  readonly line: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Run to its end before the first start of a folder, such as formatting it. */
  readonly before?: readonly string[]
  /** What must run beside it, ended after it. */
  readonly companion?: readonly string[]
  /** Answers when clients can be served; without it, an open port is enough. */
  readonly serves?: (port: number) => Promise<boolean>
}

/** A side while it runs. */
export type Subject = {
  readonly side: string
  readonly port: number
  readonly folder: string
  /** Milliseconds from the command to the first client served, of the last start. */
  readonly readyMs: number
  /** Of the server's processes since they started. */
  pid(): number
  usage(): Usage
  /** By the disk below its folder so far, for all programs; writes first what waits for it. */
  writtenBytes(): number
  /** SIGKILL to all its processes, then a start on what is left in the folder. */
  killAndRestart(): Promise<void>
  stop(): Promise<void>
}

export type Usage = {
  readonly cpuSeconds: number
  /** Resident now, and at most since the last `forgetPeak`. */
  readonly residentBytes: number
  readonly peakBytes: number
}
